//! Replies of a server, which may be anything that claims to be one.

use http_body_util::BodyExt as _;
use serde_json::Value;
use wellhead_spec::JsonBounds;

/// What a reply may have. A page of a LIST has 500 objects; a pod has 15 KB and 600 values, and etcd refuses an object of
/// more than 1.5 MiB. A value takes 32 bytes of memory, an object some hundred.
const MOST: JsonBounds =
    JsonBounds { bytes: 64 << 20, values: 4_000_000, nests: 2_000_000, parts: &[] };

/// The bytes of a reply; `None` where it has more than any that a server sends. It is read no further then.
pub(crate) async fn bytes(mut body: kube::client::Body) -> Result<Option<Vec<u8>>, kube::Error> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if (bytes.len() + data.len()) as u64 > MOST.bytes {
            return Ok(None);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Some(bytes))
}

/// Whether values can be made of a reply without more memory than that of an honest one.
pub(crate) fn is_bounded(bytes: &[u8]) -> bool {
    MOST.check(bytes).is_ok()
}

/// The value that a reply is.
pub(crate) fn value(bytes: &[u8]) -> Result<Value, String> {
    MOST.decode(bytes)
}

#[cfg(test)]
mod tests {
    use super::{MOST, bytes, is_bounded, value};

    #[tokio::test]
    async fn a_reply_is_read_to_its_bound_and_no_further() {
        let whole = b"{\"kind\": \"Pod\"}".to_vec();
        assert_eq!(bytes(whole.clone().into()).await.unwrap(), Some(whole));
        let most = usize::try_from(MOST.bytes).unwrap();
        assert_eq!(bytes(vec![b' '; most + 1].into()).await.unwrap(), None);
    }

    #[test]
    fn a_reply_of_too_many_values_is_none() {
        assert_eq!(value(b"[1]").unwrap(), serde_json::json!([1]));
        let many = [b"[".to_vec(), b"0,".repeat(5_000_000), b"0]".to_vec()].concat();
        assert!(!is_bounded(&many) && value(&many).unwrap_err().contains("values"));
        assert!(value(&b"[".repeat(1_000)).unwrap_err().contains("nested"));
    }
}
