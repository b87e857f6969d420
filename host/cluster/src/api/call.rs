//! What the server is asked, and the request that asks it.

use kube::core::params::{DeleteParams, GetParams, ListParams, Patch, PatchParams, PostParams};
use kube::core::request::Request;
use serde_json::{Value, json};

use super::failure::Failure;
use crate::model::object::{FIELD_MANAGER, Kind, ObjectRef};

/// What an apply shall do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing is stored.
    DryRun,
    /// Nothing is stored, and the answer is what would be if no other manager owned a field.
    Preview,
    /// The result is stored.
    Write,
    /// The result is stored, and fields of others are taken over. The body names the version of the object whose
    /// owners were looked at, so that nothing is taken that was not seen.
    Take,
}

impl Mode {
    /// The same, with fields of any owner.
    pub(crate) fn forced(self) -> Self {
        match self {
            Self::DryRun | Self::Preview => Self::Preview,
            Self::Write | Self::Take => Self::Take,
        }
    }
}

/// What to ask the server.
pub(crate) enum Call<'a> {
    Get(&'a ObjectRef),
    /// Its metadata alone: the content of a Secret is not read.
    Metadata(&'a ObjectRef),
    List {
        kind: Kind,
        namespace: &'a str,
        params: &'a ListParams,
    },
    /// The same without the content of the objects.
    ListMetadata {
        kind: Kind,
        namespace: &'a str,
        params: &'a ListParams,
    },
    Apply {
        object: &'a ObjectRef,
        body: &'a Value,
        mode: Mode,
    },
    /// Fails with a conflict where the object exists, so sending it twice is harmless.
    Create {
        object: &'a ObjectRef,
        body: &'a Value,
        mode: Mode,
    },
    /// A merge patch. One that names a `resourceVersion` fails with a conflict when it is sent twice.
    Merge {
        object: &'a ObjectRef,
        body: &'a Value,
        mode: Mode,
    },
    /// A question to the server that is asked by a POST and stores nothing, such as a `SelfSubjectAccessReview`.
    Review {
        path: &'a str,
        body: &'a Value,
    },
    Delete {
        object: &'a ObjectRef,
        params: &'a DeleteParams,
    },
    /// Deletes the pod with this uid, unless a `PodDisruptionBudget` is in the way: then the server answers 429.
    Evict {
        pod: &'a ObjectRef,
        uid: &'a str,
    },
    /// What the server is: <https://kubernetes.io/docs/reference/using-api/>.
    Version,
}

impl Call<'_> {
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Get(object) | Self::Metadata(object) => format!("GET {object}"),
            Self::List { kind, .. } | Self::ListMetadata { kind, .. } => {
                format!("LIST {}", kind.kubectl())
            }
            Self::Apply { object, mode: Mode::Write | Mode::Take, .. }
            | Self::Merge { object, mode: Mode::Write, .. } => format!("PATCH {object}"),
            Self::Apply { object, .. } | Self::Merge { object, .. } => {
                format!("PATCH {object} (dry run)")
            }
            Self::Create { object, mode: Mode::Write, .. } => format!("POST {object}"),
            Self::Create { object, .. } => format!("POST {object} (dry run)"),
            Self::Review { path, .. } => format!("POST {path}"),
            Self::Delete { object, .. } => format!("DELETE {object}"),
            Self::Evict { pod, .. } => format!("POST eviction of {pod}"),
            Self::Version => "GET /version".to_owned(),
        }
    }

    /// The object that it changes, or would change: what the server warns of is about that.
    pub(super) fn changed(&self) -> Option<&ObjectRef> {
        match self {
            Self::Apply { object, .. }
            | Self::Create { object, .. }
            | Self::Merge { object, .. }
            | Self::Delete { object, .. } => Some(object),
            _ => None,
        }
    }

    /// Whether it stores something.
    #[cfg(debug_assertions)]
    pub(super) fn is_write(&self) -> bool {
        match self {
            Self::Apply { mode, .. } | Self::Create { mode, .. } | Self::Merge { mode, .. } => {
                matches!(mode, Mode::Write | Mode::Take)
            }
            Self::Delete { params, .. } => !params.dry_run,
            Self::Evict { .. } => true,
            _ => false,
        }
    }

    /// The request as the server gets it, without credentials.
    pub(super) fn request(&self) -> Result<http::Request<Vec<u8>>, Failure> {
        let built = match self {
            Self::Get(object) => Request::new(object.kind.collection(&object.namespace))
                .get(&object.name, &GetParams::default()),
            Self::Metadata(object) => Request::new(object.kind.collection(&object.namespace))
                .get_metadata(&object.name, &GetParams::default()),
            Self::List { kind, namespace, params } => {
                Request::new(kind.collection(namespace)).list(params)
            }
            Self::ListMetadata { kind, namespace, params } => {
                Request::new(kind.collection(namespace)).list_metadata(params)
            }
            Self::Apply { object, body, mode } => {
                let mut params = PatchParams::apply(FIELD_MANAGER).validation_strict();
                params.dry_run = matches!(mode, Mode::DryRun | Mode::Preview);
                params.force = matches!(mode, Mode::Preview | Mode::Take);
                Request::new(object.kind.collection(&object.namespace)).patch(
                    &object.name,
                    &params,
                    &Patch::Apply(body),
                )
            }
            Self::Create { object, body, mode } => {
                let params = PostParams { dry_run: *mode != Mode::Write, ..written_by_us() };
                let body = body.to_string().into_bytes();
                Request::new(object.kind.collection(&object.namespace)).create(&params, body)
            }
            Self::Merge { object, body, mode } => {
                let params = PatchParams {
                    field_manager: written_by_us().field_manager,
                    dry_run: *mode != Mode::Write,
                    ..PatchParams::default()
                };
                Request::new(object.kind.collection(&object.namespace)).patch(
                    &object.name,
                    &params,
                    &Patch::Merge(body),
                )
            }
            Self::Review { path, body } => {
                Request::new(*path).create(&PostParams::default(), body.to_string().into_bytes())
            }
            Self::Delete { object, params } => {
                Request::new(object.kind.collection(&object.namespace)).delete(&object.name, params)
            }
            Self::Evict { pod, uid } => {
                let body = json!({
                    "apiVersion": "policy/v1", "kind": "Eviction",
                    "metadata": {"name": pod.name, "namespace": pod.namespace},
                    "deleteOptions": {"preconditions": {"uid": uid}}});
                let path = format!("{}/{}/eviction", pod.kind.collection(&pod.namespace), pod.name);
                Request::new(path).create(&PostParams::default(), body.to_string().into_bytes())
            }
            Self::Version => Request::new("").get("version", &GetParams::default()),
        };
        built.map_err(|error| Failure::Unsendable(error.to_string()))
    }
}

fn written_by_us() -> PostParams {
    PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() }
}
