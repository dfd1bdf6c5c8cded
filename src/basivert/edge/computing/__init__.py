"""Reports that take longer than a page: computed beside the pages, and every night."""
