//! Codes of errors and warnings: each names one page of `docs/errors`, which says what it means.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($variant:ident = $id:ident,)*) => {
        /// What an error or a warning is about. A code keeps its identifier and its meaning; one that is
        /// given up is not used again.
        ///
        /// Title, explanation and exit code are those of the code's page, and stand nowhere else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(
            clippy::doc_markdown,
            reason = "users read the pages, which write Kubernetes' kinds as Kubernetes' own pages do"
        )]
        pub enum Code {
            $(
                #[doc = include_str!(concat!("../../../docs/errors/", stringify!($id), ".md"))]
                $variant,
            )*
        }

        impl Code {
            /// Every code, in the order of the identifiers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The identifier, e.g. `WH0401`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($id),)*
                }
            }

            /// The code's page in Markdown.
            #[must_use]
            pub const fn page(self) -> &'static str {
                match self {
                    $(Self::$variant => {
                        include_str!(concat!("../../../docs/errors/", stringify!($id), ".md"))
                    })*
                }
            }
        }
    };
}

codes! {
    UnreadableFile = WH0101,
    Syntax = WH0102,
    DocumentTooLarge = WH0103,
    UnknownKind = WH0104,
    UnknownField = WH0105,
    WrongType = WH0106,
    MissingField = WH0107,
    MissingValue = WH0108,
    InvalidName = WH0109,
    InvalidValue = WH0110,
    DuplicateKey = WH0111,
    DuplicatePipeline = WH0112,
    NothingToRead = WH0113,
    DuplicateFile = WH0114,
    NoContainer = WH0120,
    DuplicateItem = WH0121,
    InvalidImage = WH0122,
    MutableTag = WH0123,
    UnknownVolume = WH0124,
    InvalidMountPath = WH0125,
    UnmountedClaim = WH0126,
    InvalidQuantity = WH0127,
    QuantityOutOfRange = WH0128,
    RequestOverLimit = WH0129,
    UnlikelyAmount = WH0130,
    InvalidReplicas = WH0131,
    TooManyObjects = WH0132,
    InvalidLabel = WH0133,
    SelectorMismatch = WH0134,
    InvalidPort = WH0135,
    UnknownTargetPort = WH0136,
    InvalidOrdinals = WH0137,
    InvalidRestartPolicy = WH0138,
    ClaimsDeleted = WH0140,
    InvalidEnvVar = WH0141,
    FieldSpelling = WH0142,
    UnprotectedClaim = WH0143,
    EnvVarOrder = WH0144,
    InvalidVolumeMigration = WH0145,
    InvalidFieldPattern = WH0150,
    InvalidPluginEntry = WH0151,
    OverrideWithoutGrant = WH0152,
    InvalidOpening = WH0153,
    UnusedOwnershipPolicy = WH0154,
    ImmutableField = WH0201,
    ExpansionNotAllowed = WH0202,
    VolumeCannotShrink = WH0203,
    StorageClassNotFound = WH0204,
    ImmutableClaimField = WH0205,
    ClaimsReused = WH0206,
    DeletionLosesData = WH0207,
    NoDefaultStorageClass = WH0208,
    NoMatchingVolume = WH0209,
    VolumeTopology = WH0210,
    AttributesClassWithoutEffect = WH0211,
    NotReadyToRecreate = WH0220,
    LeftAfterRecreate = WH0221,
    PodsLostInRecreate = WH0222,
    PodsNotAdopted = WH0223,
    RecreatedWithoutOthersFields = WH0224,
    ScaleDownLosesData = WH0225,
    MigrationNotPossible = WH0230,
    MigrationUnderWay = WH0231,
    MigrationStopped = WH0232,
    UnexpectedVolume = WH0233,
    VolumesKept = WH0234,
    ImagePull = WH0301,
    StuckRollout = WH0302,
    Unschedulable = WH0303,
    ClaimNotBound = WH0304,
    PodsRejected = WH0305,
    CrashLoop = WH0306,
    ContainerNotCreated = WH0307,
    NotReadyInTime = WH0308,
    NotDeletedInTime = WH0309,
    ReferenceNotFound = WH0310,
    NoNodeFits = WH0311,
    PodQuotaExceeded = WH0312,
    QuotaNeedsResources = WH0313,
    LimitRangeViolated = WH0314,
    SchedulingGated = WH0315,
    PodNotTerminating = WH0316,
    PodNotStarting = WH0317,
    VolumeNotSharable = WH0318,
    ExpansionPending = WH0320,
    ExpansionFailed = WH0321,
    FieldConflict = WH0401,
    PipelineLocked = WH0402,
    ObjectOwnedByOther = WH0403,
    ObjectTerminating = WH0404,
    ObjectReplaced = WH0405,
    InvalidObject = WH0406,
    AdmissionDenied = WH0407,
    Forbidden = WH0408,
    NamespaceUnusable = WH0409,
    ServerUnreachable = WH0410,
    NoClusterConfig = WH0411,
    Unauthorized = WH0412,
    UnusableAnswer = WH0413,
    NotAsPlanned = WH0414,
    LeaseLost = WH0415,
    StorageCannotGoBack = WH0416,
    UnusableRevision = WH0417,
    RevisionNotFound = WH0418,
    UnconfirmedRevision = WH0419,
    QuotaExceeded = WH0425,
    OldServer = WH0426,
    ServerWarning = WH0427,
    ObjectAdopted = WH0440,
    Leftover = WH0441,
    LeftoverInTheWay = WH0442,
    NothingToTake = WH0443,
    PluginFileMissing = WH0501,
    NotWebAssembly = WH0502,
    CoreModule = WH0503,
    InvalidComponent = WH0504,
    WrongWorld = WH0505,
    InvalidDescription = WH0506,
    InvalidConfig = WH0507,
    PluginOverStructureLimit = WH0508,
    PluginOverCompileLimit = WH0509,
    CompilationFailed = WH0510,
    PluginCrashed = WH0511,
    PluginOverBudget = WH0512,
    BudgetOverPool = WH0513,
    NondeterministicPlugin = WH0514,
    MachineBusy = WH0515,
    SchemaOverLimit = WH0516,
    WrongDigest = WH0517,
    OldHost = WH0518,
    PluginRejected = WH0521,
    InvalidResult = WH0522,
    ValidatorFinding = WH0523,
    PluginWarning = WH0524,
    AuditedEdit = WH0525,
    UngrantableRequest = WH0526,
    NoDescription = WH0527,
    VersionTooLow = WH0528,
    UnusedWaiver = WH0529,
    StaleComponent = WH0530,
    PluginConflict = WH0601,
    FieldNotGranted = WH0602,
    ProtectedField = WH0603,
    EntryOrder = WH0604,
    UnknownEntry = WH0605,
    CyclicOrder = WH0606,
    FactNotGranted = WH0607,
    NamespaceMismatch = WH0701,
    UnusedCustomization = WH0702,
    MisplacedPipeline = WH0703,
    NoPipeline = WH0704,
    EngineFailed = WH0705,
    OutputFailed = WH0706,
    Usage = WH0707,
    NotFound = WH0708,
    NotConfirmed = WH0709,
    Interrupted = WH0710,
    InvalidProvenanceFile = WH0711,
    CacheUnusable = WH0712,
    InvalidPlanFile = WH0713,
    StalePlan = WH0714,
    RenderedFieldKept = WH0715,
    ObjectNoLongerRendered = WH0716,
    RenderedFieldImmutable = WH0717,
    ClaimsBeforeStatefulSet = WH0718,
    TooManyOrigins = WH0719,
    NoStatefulSet = WH0730,
    FieldNotImported = WH0731,
    ObjectNotImported = WH0732,
    ExternalService = WH0733,
    NotImportable = WH0734,
    DuplicateListItem = WH0735,
    ControlledObject = WH0736,
    ClaimDiffersFromTemplate = WH0737,
    ImportedValueDiffers = WH0738,
    FieldWithoutEffect = WH0739,
    NoProject = WH0801,
    InvalidPluginName = WH0802,
    ProjectExists = WH0803,
    ToolMissing = WH0804,
    ToolBroken = WH0805,
    BuildFailed = WH0806,
    BuiltNoPlugin = WH0807,
    ProjectFile = WH0808,
    ProjectDisagrees = WH0809,
    LibraryDoesNotFit = WH0810,
    InvalidTestCase = WH0821,
    NoTestCases = WH0822,
    TestFailed = WH0823,
    OverAuthorsBudget = WH0824,
    NotARecording = WH0826,
    ReplayDiffers = WH0827,
    ComponentNotBuilt = WH0828,
    NotOnePipeline = WH0829,
    InvalidReference = WH0841,
    NotLocked = WH0842,
    NotInRegistry = WH0843,
    RegistryUnreachable = WH0844,
    RegistryCredentials = WH0845,
    WrongContent = WH0846,
    ContentTooLarge = WH0847,
    RegistryFails = WH0848,
    NotAWasmArtifact = WH0849,
    OtherVersion = WH0854,
    NotSigned = WH0855,
    TooManyReferrers = WH0856,
    StoreUnusable = WH0857,
    VersionTaken = WH0858,
    PushRefused = WH0859,
    RightsGrew = WH0860,
    NotTrusted = WH0861,
    InvalidLock = WH0862,
    NotInStore = WH0863,
    InvalidTrustPolicy = WH0864,
    InvalidLayout = WH0865,
    NotEditable = WH0867,
}

/// How a page's last line begins, if the code decides what a command exits with.
const EXIT_CODE: &str = "Exit code: ";

impl Code {
    /// The meaning in a few words, without a full stop.
    #[must_use]
    pub fn title(self) -> &'static str {
        let heading = self.page().lines().next().unwrap_or_default();
        heading.split_once(": ").map_or(heading, |(_, title)| title)
    }

    /// What happened, why, and the ways out: paragraphs of one line each.
    #[must_use]
    pub fn explanation(self) -> String {
        let paragraphs = self.page().split("\n\n").skip(1);
        let lines: Vec<String> = paragraphs
            .filter(|it| !it.starts_with(EXIT_CODE))
            .map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        lines.join("\n")
    }

    /// What a command exits with if this is why it failed; `None` if that depends on what was done by then.
    #[must_use]
    pub fn exit_code(self) -> Option<u8> {
        self.page().lines().last()?.strip_prefix(EXIT_CODE)?.parse().ok()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// The text is the identifier of no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCode;

impl FromStr for Code {
    type Err = UnknownCode;

    /// Reads an identifier, in lower case, too.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let found = Self::ALL.iter().find(|it| it.id().eq_ignore_ascii_case(text));
        found.copied().ok_or(UnknownCode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_in_order_and_each_names_one_code() {
        assert!(Code::ALL.is_sorted_by(|one, next| one.id() < next.id()));
        assert!(Code::ALL.iter().all(|it| it.id().parse() == Ok(*it)));
    }

    #[test]
    fn a_code_is_found_in_any_case() {
        assert_eq!("wh0602".parse(), Ok(Code::FieldNotGranted));
        assert_eq!("WH9999".parse::<Code>(), Err(UnknownCode));
    }

    #[test]
    fn each_page_has_a_heading_and_an_explanation_and_perhaps_an_exit_code() {
        for code in Code::ALL {
            let page = code.page();
            assert!(page.starts_with(&format!("# {code}: ")), "{code}: {page}");
            assert!(!code.title().is_empty() && !code.title().ends_with('.'), "{code}");
            let explanation = code.explanation();
            assert!(explanation.ends_with('.') && !explanation.contains(EXIT_CODE), "{code}");
            assert_eq!(page.contains(EXIT_CODE), code.exit_code().is_some(), "{code}");
        }
    }
}
