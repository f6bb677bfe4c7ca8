//! Observations of a program that nobody has called: every part reached, no type known.
//!
//! For `upshift explain`, which has no invocations to learn from.

use upshift_frontend::normal::Module;
use upshift_ir::SiteId;

use crate::Observations;

/// Every site of `module` hit; what its names hold is as `loaded` describes it.
pub fn assume_all(module: &Module, loaded: Observations) -> Observations {
    Observations { hits: (0..module.sites).map(SiteId).collect(), ..loaded }
}
