//! `/api/v1/namespaces/{NAMESPACE}/packages[/NAME]`.

use hyper::Method;
use hyper::body::Bytes;
use upshift_deploy::{QualifiedName, validate_name};

use super::query::Query;
use super::{List, Place, Refusal, get_only};

/// What can be asked of packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PackageCommand {
    /// All of the caller's own namespace, the published ones of another.
    List(List),
    Get(QualifiedName),
    Put {
        name: QualifiedName,
        overwrite: bool,
        body: Bytes,
    },
    /// With `force`, its actions go with it.
    Delete {
        name: QualifiedName,
        force: bool,
    },
}

/// The command of a path below `packages`.
pub(super) fn parse(
    method: &Method,
    place: &Place<'_>,
    rest: &[&str],
    query: &Query<'_>,
    body: Bytes,
) -> Result<PackageCommand, Refusal> {
    let name = match rest {
        [] | [""] => {
            get_only(method)?;
            return Ok(PackageCommand::List(List::parse(place.namespace, query, "packages")?));
        }
        [name] => name,
        _ => return Err(Refusal::not_found()),
    };
    validate_name(name)?;
    if method == Method::GET {
        return Ok(PackageCommand::Get(QualifiedName::new(place.namespace, name)));
    }
    let name = place.own(name)?;
    match *method {
        Method::PUT => Ok(PackageCommand::Put { name, overwrite: query.flag("overwrite", false)?, body }),
        Method::DELETE => Ok(PackageCommand::Delete { name, force: query.flag("force", false)? }),
        _ => Err(Refusal::method("GET, PUT, DELETE")),
    }
}
