"""Types of the public names; the module itself loads them on first use."""

from basivert.ablation.patient.known import Known as Known
from basivert.anatomy.model import Partial as Partial
from basivert.anatomy.model import Vertebra as Vertebra
from basivert.constants.load import builtin as builtin
from basivert.edge.codec import plan_document as plan_document
from basivert.edge.imaging.case import read_case as read_case
from basivert.edge.imaging.plan_folder import write_plan as write_plan
from basivert.errors import (
    BasivertError as BasivertError,
)
from basivert.errors import (
    Finding as Finding,
)
from basivert.errors import (
    InputError as InputError,
)
from basivert.estimate import Estimate as Estimate
from basivert.instruments.load import (
    builtin_instrument as builtin_instrument,
)
from basivert.instruments.load import (
    read_instrument as read_instrument,
)
from basivert.instruments.model import Instrument as Instrument
from basivert.phantom.model import VirtualSpine as VirtualSpine
from basivert.phantom.model import Wish as Wish
from basivert.phantom.render import Scanner as Scanner
from basivert.phantom.render import render as render
from basivert.phantom.spine import make_spine as make_spine
from basivert.planning.model import (
    CasePlan as CasePlan,
)
from basivert.planning.model import (
    LevelPlan as LevelPlan,
)
from basivert.planning.model import (
    Plan as Plan,
)
from basivert.planning.model import (
    Refusal as Refusal,
)
from basivert.volume.model import Case as Case
from basivert.volume.model import Labels as Labels
from basivert.volume.model import Volume as Volume
from basivert.workflow.ablate_plan import ablate_plan as ablate_plan
from basivert.workflow.plan_case import (
    anatomy_case as anatomy_case,
)
from basivert.workflow.plan_case import (
    builtin_tables as builtin_tables,
)
from basivert.workflow.plan_case import (
    plan_case as plan_case,
)
