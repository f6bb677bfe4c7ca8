//! Who asks: any well-formed Basic credentials, and nobody at all, are the guest.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use super::Refusal;

/// Refuses a header `Authorization` that is not `Basic base64(uuid:key)`.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(header) = headers.get(AUTHORIZATION) else { return Ok(()) };
    let well_formed = || {
        let (scheme, credentials) = header.to_str().ok()?.split_once(' ')?;
        let decoded = STANDARD.decode(credentials.trim()).ok()?;
        let (user, key) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
        (scheme.eq_ignore_ascii_case("basic") && !user.is_empty() && !key.is_empty()).then_some(())
    };
    well_formed().ok_or_else(Refusal::unauthorized)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(header: Option<&str>) -> u16 {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(AUTHORIZATION, header.parse().unwrap());
        }
        check(&headers).map_or_else(|refusal| refusal.status, |()| 200)
    }

    #[test]
    fn credentials() {
        assert_eq!(status(None), 200);
        assert_eq!(status(Some("Basic dXNlcjprZXk=")), 200);
        assert_eq!(status(Some("basic dXNlcjprZXk=")), 200);
        for bad in ["", "Basic", "Basic ???", "Bearer dXNlcjprZXk=", "Basic dXNlcg==", "Basic Og=="] {
            assert_eq!(status(Some(bad)), 401, "{bad}");
        }
    }
}
