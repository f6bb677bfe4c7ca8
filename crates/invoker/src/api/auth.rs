//! Whom a request is from: the holder of a key, the guest on this machine, or nobody.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use upshift_deploy::{GUEST_KEY, Identity, Keys};

use super::Refusal;

/// Whom the request with these headers is from; nobody if it shows no key and is not from this machine.
///
/// `local` says whether the client is on this machine, where the guest's well-known key holds; with `require_key` it has to be
/// shown there, too.
/// A header that is no key of anybody's is refused with 401.
pub(crate) fn identify(
    headers: &HeaderMap,
    keys: &Keys,
    local: bool,
    require_key: bool,
) -> Result<Option<Identity>, Refusal> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Ok((local && !require_key).then(Identity::guest));
    };
    let credentials = || {
        let (scheme, credentials) = header.to_str().ok()?.split_once(' ')?;
        let decoded = STANDARD.decode(credentials.trim()).ok()?;
        let text = String::from_utf8(decoded).ok()?;
        scheme.eq_ignore_ascii_case("basic").then_some(text)
    };
    let credentials = credentials().ok_or_else(Refusal::unauthorized)?;
    let (uuid, secret) = credentials.split_once(':').ok_or_else(Refusal::unauthorized)?;
    if local && blake3::hash(credentials.as_bytes()) == blake3::hash(GUEST_KEY.as_bytes()) {
        return Ok(Some(Identity::guest()));
    }
    keys.identify(uuid, secret).map(Some).ok_or_else(Refusal::unauthorized)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(keys: &Keys, key: Option<&str>, local: bool, require_key: bool) -> Result<Option<String>, u16> {
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            let header = format!("Basic {}", STANDARD.encode(key));
            headers.insert(AUTHORIZATION, header.parse().unwrap());
        }
        let identity = identify(&headers, keys, local, require_key);
        identity.map(|found| found.map(|identity| identity.namespace)).map_err(|refusal| refusal.status)
    }

    #[test]
    fn the_guest_is_on_this_machine() {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::open(directory.path()).unwrap();
        assert_eq!(who(&keys, None, true, false), Ok(Some("guest".into())));
        assert_eq!(who(&keys, None, true, true), Ok(None));
        assert_eq!(who(&keys, None, false, false), Ok(None));
        assert_eq!(who(&keys, Some(GUEST_KEY), true, true), Ok(Some("guest".into())));
        assert_eq!(who(&keys, Some(GUEST_KEY), false, false), Err(401));
    }

    #[test]
    fn keys_are_their_namespaces() {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::open(directory.path()).unwrap();
        let new = keys.create("acme", 0).unwrap();
        let key = format!("{}:{}", new.uuid, new.secret);
        assert_eq!(who(&keys, Some(&key), false, true), Ok(Some("acme".into())));
        for bad in [format!("{key}x"), "nobody".into(), ":".into(), String::new()] {
            assert_eq!(who(&keys, Some(&bad), true, false), Err(401), "{bad}");
        }
    }

    #[test]
    fn headers_that_are_no_basic_credentials_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::open(directory.path()).unwrap();
        for bad in ["", "Basic", "Basic ???", "Bearer dXNlcjprZXk=", "Basic dXNlcg==", "Basic Og=="] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, bad.parse().unwrap());
            assert!(identify(&headers, &keys, true, false).is_err(), "{bad}");
        }
    }
}
