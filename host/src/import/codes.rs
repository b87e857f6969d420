//! The codes of this module's findings, and what each means.

/// There is no StatefulSet to import.
pub const NOTHING: &str = "WH0730";
/// A field that a pipeline does not have.
pub const NO_FIELD: &str = "WH0731";
/// Objects that no pipeline has.
pub const LEFT_OUT: &str = "WH0732";
/// The Service stays somebody else's.
pub const EXTERNAL: &str = "WH0733";
/// A StatefulSet that no pipeline can be.
pub const IMPOSSIBLE: &str = "WH0734";
/// Items that stand twice.
pub const TWICE: &str = "WH0735";
/// A controller looks after the object.
pub const CONTROLLED: &str = "WH0736";
/// A claim that is not as its template says.
pub const CLAIM: &str = "WH0737";
/// A value that the pipeline has otherwise.
pub const DIFFERENT: &str = "WH0738";
/// A part of a pod that does nothing.
pub const NO_EFFECT: &str = "WH0739";

/// Every code: itself, what it is about in a few words, and what is wrong and what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        NOTHING,
        "no StatefulSet to import",
        "A pipeline is made of a StatefulSet (`apps/v1`). None of the files holds one. Charts are imported as what they \
         render to (`helm template ... | wellhead import -f -`), and so are kustomizations.",
    ),
    (
        NO_FIELD,
        "a field that a pipeline does not have",
        "The object has a field that no pipeline has, so the pipeline does not say it. On a live object it stays as it is \
         for as long as nobody takes it away: an apply neither sets nor removes it.",
    ),
    (
        LEFT_OUT,
        "objects that no pipeline has",
        "A pipeline is a StatefulSet, the Service that it names and its claims. Other objects are left out, and told by \
         kind. They stay as they are: go on applying them as before.",
    ),
    (
        EXTERNAL,
        "a Service that stays somebody else's",
        "Wellhead makes one headless Service for a pipeline. The one that the StatefulSet names is something else: it has \
         an address of its own, or it is not there, or several StatefulSets share it. The name cannot change without a \
         new StatefulSet, so the pipeline says `service: {external: true}`: the name stays, and the Service is neither \
         made nor changed. Without `external`, Wellhead makes and owns it.",
    ),
    (
        IMPOSSIBLE,
        "a StatefulSet that cannot be a pipeline",
        "Something that no pipeline can say decides what the StatefulSet is, or the StatefulSet is not valid. The message \
         says what. It is not imported; the others are. Exit code 1.",
    ),
    (
        TWICE,
        "an item stands twice",
        "A list has two items with one key, e.g. two environment variables of one name. Server-side apply knows items by \
         their keys, so a pipeline has one of them: of variables the last, which is the one that counts. Where a live \
         object has both, an apply with `--adopt` writes it once and restarts the pods; `plan --adopt` says so.",
    ),
    (
        CONTROLLED,
        "a controller looks after the object",
        "The object has an owner, e.g. a custom resource whose operator made it. The operator undoes what others change, \
         and the object goes when its owner goes. Take the object from its owner before a pipeline manages it.",
    ),
    (
        CLAIM,
        "a claim that is not as its template says",
        "Sizes and classes of single claims become `ordinals` of the claim. What else differs from the template cannot be \
         said for one replica. What the server fixes when a claim is created makes an apply refuse it.",
    ),
    (
        DIFFERENT,
        "a value that the pipeline has otherwise",
        "What the pipeline renders to differs from the object in this field. Labels of pods and access modes of claims \
         that a manifest lacks are such fields: no server takes it without them, and a pipeline always has them. \
         `wellhead plan` shows what an apply would do about it.",
    ),
    (
        NO_EFFECT,
        "a part of a pod that does nothing",
        "Kubernetes takes it and makes nothing of it: the controller puts the claim of a replica in the place of a volume \
         with the name of the claim's template, and a pull secret without a name is none. The pipeline does not say it. On \
         a live object it stays, and no pod restarts.",
    ),
];
