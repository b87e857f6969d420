//! Codes of findings, and what each means.

/// A code of findings and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code, e.g. `WH0105`. It keeps its meaning; a code that is given up is not used again.
    pub code: &'static str,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// What is wrong, why that matters and what to do, in a few sentences.
    pub explanation: &'static str,
}

macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal, $explanation:literal;)*) => {
        $(pub(crate) const $name: &str = $code;)*

        /// Every code of this crate's findings, in order.
        pub const CODES: &[Code] =
            &[$(Code { code: $code, title: $title, explanation: $explanation }),*];
    };
}

codes! {
    UNREADABLE = "WH0101", "a file cannot be read",
        "The file or folder does not exist, may not be read, or is not UTF-8 text. Of a folder, the \
         files that end in .yaml, .yml or .json are read, without its subfolders.";
    SYNTAX = "WH0102", "neither YAML nor JSON",
        "The text of a document cannot be parsed. The place named is where the parser gave up, which \
         may be a line or two after the mistake. Other documents of the file are read nevertheless. \
         Merge keys (`<<`), unknown tags and more than a few thousand expanded anchors are refused.";
    TOO_LARGE = "WH0103", "a document is too large",
        "A document may have 1 MiB and a file 64 MiB. No object of that size can be stored in a \
         cluster, so it is most likely the wrong file.";
    KIND = "WH0104", "not a document of Wellhead",
        "Every document starts with `apiVersion: wellhead.dev/v1alpha1` and `kind: Pipeline` or \
         `kind: Customization`. Documents of other programs (manifests, charts, kustomizations) are left to \
         these; `wellhead import` makes pipelines of StatefulSets.";
    UNKNOWN_FIELD = "WH0105", "unknown field",
        "There is no such field in that place. Unknown fields are errors, because a misspelt field \
         that is passed over does nothing, and nobody notices. `wellhead schema` prints all fields.";
    WRONG_TYPE = "WH0106", "wrong type",
        "The value is of another type than the field, e.g. text where a number is expected. In YAML, \
         `\"1\"` is text, `1` is a number, and `yes`, `no`, `on` and `off` are text.";
    MISSING_FIELD = "WH0107", "a field is missing",
        "The field has no default and must be written.";
    NO_VALUE = "WH0108", "a field without a value",
        "The field's name is there and its value is not (or is `null`). Write a value, or remove the \
         line to get the default.";
    NAME = "WH0109", "not a name",
        "Names become names of Kubernetes objects, DNS names and label values, whose characters and \
         lengths are limited. The message names the rule.";
    VALUE = "WH0110", "a value that is not allowed",
        "The value has the right type and is outside of what the field takes.";
    DUPLICATE_KEY = "WH0111", "a key stands twice",
        "A mapping has the same key twice. Readers differ in which one wins, so one must go.";
    DUPLICATE_PIPELINE = "WH0112", "a pipeline is defined twice",
        "Two documents of one run define a pipeline of the same name in the same namespace, so one \
         would overwrite the other. Where a document names no namespace, that of the command line \
         applies.";
    NOTHING_FOUND = "WH0113", "nothing to read",
        "The file has no document, or the folder has no file that ends in .yaml, .yml or .json.";
    GIVEN_TWICE = "WH0114", "a file is given twice",
        "A file is read once. It was named again, by its folder, by another spelling of its path, or by a link \
         to it. Everything in it would be there twice.";
    NO_CONTAINER = "WH0120", "no container",
        "A pipeline runs at least one container. The first is the main one.";
    NAME_TWICE = "WH0121", "a name or key is used twice",
        "Items of a list are known by their name (a port by number and protocol, a mount by its \
         path), in Kubernetes and in the paths of grants and findings. The names of containers and \
         init containers together, and of claims and volumes together, must differ.";
    IMAGE = "WH0122", "not an image reference",
        "An image is written `registry/repository:tag`, with a digest \
         `registry/repository@sha256:...`, or both. The registry may be left out.";
    MUTABLE_TAG = "WH0123", "an image without a fixed version",
        "Without a tag, or with `latest`, each new pod may run another version than its neighbours, \
         and a rollback brings nothing back. Write a tag, or better a digest.";
    UNKNOWN_VOLUME = "WH0124", "a mount of nothing",
        "A container mounts a name that is neither a claim nor a volume of the pipeline.";
    MOUNT_PATH = "WH0125", "a mount path that cannot be used",
        "A mount path is absolute and holds no `:`. A claim with `volumeMode: Block` is a device: it \
         stands in `volumeDevices`, and cannot be mounted.";
    UNMOUNTED_CLAIM = "WH0126", "a claim that nothing mounts",
        "Volumes are created and paid for, and no container sees them: what the containers write is \
         lost when a pod is replaced. Give the claim a `mountPath`, or name it in a container's \
         `volumeMounts`.";
    QUANTITY = "WH0127", "not a quantity",
        "A quantity is a number with an optional suffix: n, u, m, k, M, G, T, P, E (powers of 1000) \
         or Ki, Mi, Gi, Ti, Pi, Ei (powers of 1024).";
    QUANTITY_RANGE = "WH0128", "a quantity out of range",
        "The amount is zero or negative where it cannot be, or it is not whole where only whole \
         ones exist.";
    REQUEST_OVER_LIMIT = "WH0129", "a request above its limit",
        "A container would be promised more than it may use. The API server refuses such pods. \
         Amounts are compared, not their spelling. Extended resources such as GPUs and huge pages \
         cannot be overcommitted: their request equals their limit, or is left out.";
    AMOUNT = "WH0130", "an amount that is hardly meant",
        "A number without a suffix is a number of bytes: `size: 10` asks for ten. No volume is that small, and no \
         container starts with less than a mebibyte of memory. A number with a leading zero is octal to kubectl, \
         which reads YAML 1.1, and decimal in a quantity that is text. The mode `400` of a file is 0o620.";
    REPLICAS = "WH0131", "a number of replicas that cannot be",
        "Replicas are 0 to 10,000. Each has a pod and a volume for each claim; more is most likely \
         a slip of the keyboard.";
    TOO_MANY_OBJECTS = "WH0132", "claims that multiply to too much",
        "Each claim is rendered for each replica. All of them together are at most 20,000, with at most 32 MiB: \
         what no API server would take, and what a plugin could make of small edits.";
    LABEL = "WH0133", "not a label or annotation",
        "A key is a name of at most 63 characters, optionally after a DNS name and `/`. A label's \
         value has at most 63 characters of letters, digits, `-`, `_` and `.`. All annotations of an \
         object together have at most 256 KiB.";
    SELECTOR = "WH0134", "labels that contradict the selector",
        "The selector says by which labels the StatefulSet or the Service finds the pods. If the \
         pods have another value there, nothing is ever found.";
    PORT = "WH0135", "a port that cannot be",
        "Ports are 1 to 65535. A port's name has at most 15 characters: lowercase letters, digits and \
         `-`, with at least one letter. With several ports, a Service needs a name for each.";
    PORT_TARGET = "WH0136", "a port that no container has",
        "A port of the Service, a probe or a handler names a port that no container has under that name. \
         The API server takes it; the Service then leads nowhere, and the probe fails.";
    ORDINALS = "WH0137", "a range of ordinals that cannot be",
        "A range starts at 0 or above, and ends where it starts or after.";
    RESTART_POLICY = "WH0138", "a restart policy out of place",
        "Pods of a StatefulSet always restart their containers. Only an init container may say \
         `restartPolicy: Always`, which makes it a sidecar that starts before the others.";
    DATA_LOSS = "WH0140", "claims that are deleted",
        "With `Delete`, the cluster deletes claims, and with them the data, when the StatefulSet is \
         deleted or scaled down. It cannot be undone.";
    ENV = "WH0141", "an environment variable that cannot be",
        "A variable has a name without `=`, and either a `value` or a `valueFrom`.";
    SPELLING = "WH0142", "a second spelling of a field",
        "Kubernetes reads some annotations instead of a field, for the sake of old manifests, and then the annotation \
         wins: a claim with `volume.beta.kubernetes.io/storage-class` gets that class, whatever its \
         `storageClass` says. Where both are there and differ, the annotation is refused. What controllers note in \
         annotations of a claim is not for a pipeline to say.";
    UNKEPT = "WH0143", "an option that would let a tool delete a claim",
        "Claims say to Argo CD, Flux, Helm, kpt and kapp that they are never pruned, and never deleted to be \
         created again, because the volume goes with the claim. What the annotation says beside that stays. A claim \
         is deleted for good by `wellhead delete --delete-claims`, or by `kubectl delete pvc`.";
    ENV_ORDER = "WH0144", "a variable that is used before it is defined",
        "Kubernetes replaces `$(NAME)` in a value by what stands above it in the list. What stands below, or \
         is the variable itself, is left as it is written: the program sees the text `$(NAME)`. To mean that \
         text, write `$$(NAME)`.";
    PATTERN = "WH0150", "not a pattern of fields",
        "Grants and overrides name fields, e.g. `replicas`, `containers.*.image` or `affinity.**`: \
         `*` stands for one name, `**` for any number of them.";
    PLUGIN = "WH0151", "a plugin entry that cannot be used",
        "An entry names the component that it runs, and keeps within the limits of the host.";
    PLUGIN_RIGHTS = "WH0152", "an override without a grant",
        "A plugin may override only what it may write. The pattern names fields for which the entry \
         has no grant.";
    OPENING = "WH0153", "an opening that opens nothing, or too much",
        "`opens` lists protected fields that a plugin may write nevertheless. Each is named step for \
         step, e.g. `serviceAccountName` or `containers.*.securityContext.runAsUser`: `*` stands for \
         the name of an item only, and there is no `**`. Other fields need a grant and no opening.";
    OWNERSHIP = "WH0154", "an ownership policy of no field",
        "`ownership` says whose value stands for fields that others set, too. Its pattern names no field \
         that an object of a pipeline gets, so the entry would do nothing.";
}

/// What a code means; `None` when this crate has no such code.
pub fn code(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|it| it.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_in_order_and_explained() {
        assert!(CODES.is_sorted_by(|a, b| a.code < b.code));
        for it in CODES {
            assert!(it.code.starts_with("WH01") && it.code.len() == 6, "{}", it.code);
            assert!(!it.title.ends_with('.') && it.explanation.ends_with('.'), "{}", it.code);
            assert_eq!(code(it.code), Some(it));
        }
    }
}
