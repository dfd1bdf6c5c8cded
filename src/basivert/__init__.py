"""basivert: from CT to plan for basivertebral nerve ablation. Research use only."""
