//! What is interrupted: the operations, and what each does when nothing goes wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;
use wellhead_harness::{Exchange, Request, Verb};

use crate::bed::Case;
use crate::foreign;
use crate::spec::Spec;

/// An operation with its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Operation {
    Install,
    Upgrade,
    Grow,
    /// A field that cannot change.
    Recreate,
    /// The same, of an object of which an autoscaler and a person set fields, too.
    RecreateShared,
    Rollback,
    /// Back from a template whose pods never become ready.
    Unstick,
    /// Of what `kubectl apply` made, with a label that no pipeline said.
    Adopt,
    /// The same with a field that cannot change.
    AdoptAnew,
    Delete,
    Purge,
}

impl Operation {
    pub(crate) const ALL: [Self; 11] = [
        Self::Install,
        Self::Upgrade,
        Self::Grow,
        Self::Recreate,
        Self::RecreateShared,
        Self::Rollback,
        Self::Unstick,
        Self::Adopt,
        Self::AdoptAnew,
        Self::Delete,
        Self::Purge,
    ];

    /// Brings a new case to where the operation begins.
    pub(crate) fn prepare(self, case: &Case) {
        let first = Spec::first().with(|it| it.scaled = self == Self::RecreateShared);
        if matches!(self, Self::Adopt | Self::AdoptAnew) {
            foreign::make(case, &first);
        } else if self != Self::Install {
            case.apply(&first);
        }
        match self {
            Self::Install | Self::Delete | Self::Purge | Self::Adopt => case.write(&first),
            Self::Upgrade => case.write(&Spec::second()),
            Self::Grow => {
                case.let_volumes_grow();
                case.write(&first.with(|it| it.size = 2));
            }
            Self::RecreateShared => {
                case.scale(4);
                case.annotate("by hand");
                case.write(&first.with(|it| it.management = "Parallel"));
            }
            Self::Recreate | Self::AdoptAnew => {
                case.write(&first.with(|it| it.management = "Parallel"));
            }
            Self::Rollback => case.apply(&Spec::second()),
            Self::Unstick => {
                case.write(&first.with(|it| "nginx:broken".clone_into(&mut it.image)));
                let ran = case.run(&["apply", "-f", "db.yaml"]);
                assert!(matches!(ran.code(), Some(1 | 3)), "{ran:?}");
            }
        }
        case.proxy.take_record();
    }

    /// The command.
    pub(crate) fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Install | Self::Upgrade | Self::Grow => &["apply", "-f", "db.yaml"],
            Self::Recreate | Self::RecreateShared => &["apply", "-f", "db.yaml", "--recreate"],
            Self::Adopt => &["apply", "-f", "db.yaml", "--adopt", "--take", foreign::LABEL],
            Self::AdoptAnew => {
                &["apply", "-f", "db.yaml", "--adopt", "--take", foreign::LABEL, "--recreate"]
            }
            Self::Rollback | Self::Unstick => &["rollback", "db", "1"],
            Self::Delete => &["delete", "db"],
            Self::Purge => &["delete", "db", "--delete-claims", "db"],
        }
    }

    /// Whether claims go, because a person asked for it.
    pub(crate) fn loses_claims(self) -> bool {
        self == Self::Purge
    }

    /// Whether no pod may end.
    pub(crate) fn keeps_pods(self) -> bool {
        matches!(
            self,
            Self::Grow | Self::Recreate | Self::RecreateShared | Self::Adopt | Self::AdoptAnew
        )
    }

    /// What it does when nothing goes wrong, one request at a time.
    pub(crate) fn reference(self) -> &'static Reference {
        static KNOWN: Mutex<BTreeMap<Operation, &'static OnceLock<Reference>>> =
            Mutex::new(BTreeMap::new());
        let known = {
            let mut all = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
            *all.entry(self).or_insert_with(|| Box::leak(Box::new(OnceLock::new())))
        };
        known.get_or_init(|| self.find_reference())
    }

    fn find_reference(self) -> Reference {
        let case = Case::new(&format!("reference-{self:?}").to_lowercase());
        self.prepare(&case);
        // No request has this number.
        case.run_until("0:before", self.arguments()).ends_with(0);
        let exchanges = case.proxy.take_record();
        let end = case.state().normalised();
        case.finish();
        Reference { counts: counts(&exchanges), exchanges, end }
    }
}

/// An operation to which nothing happened.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Its requests in their order.
    pub(crate) exchanges: Vec<Exchange>,
    /// What it ended in, normalised.
    pub(crate) end: BTreeMap<String, Value>,
    /// What it created and deleted.
    pub(crate) counts: Counts,
}

impl Reference {
    /// The number of the first request, counted from 1, that is picked.
    pub(crate) fn number(&self, which: impl Fn(&Exchange) -> bool) -> usize {
        self.exchanges.iter().position(which).expect("there is such a request") + 1
    }

    /// The places of all writes, without the moment.
    pub(crate) fn writes(&self) -> Vec<String> {
        placed_writes(&self.exchanges).map(|(place, _)| place).collect()
    }

    /// The place of the first write that is picked.
    pub(crate) fn write(&self, which: impl Fn(&Request) -> bool) -> String {
        let found = placed_writes(&self.exchanges).find(|(_, it)| which(&it.request));
        found.expect("there is such a write").0
    }

    /// How many requests there are up to the last write, and in the next two looks at what it leads to. Later looks
    /// repeat these.
    pub(crate) fn boundaries(&self) -> usize {
        let last = self.exchanges.iter().rposition(|it| it.request.is_write());
        let Some(last) = last.map(|at| at + 1) else { return self.exchanges.len() };
        let rest = &self.exchanges[last..];
        let Some(first) = rest.first() else { return last };
        let looks = (last..).zip(rest).filter(|(_, it)| it.request == first.request);
        looks.map(|(at, _)| at).nth(2).unwrap_or(self.exchanges.len())
    }
}

/// The writes among these requests, with their places: `write-1`, `write-2`, ...
pub(crate) fn placed_writes(exchanges: &[Exchange]) -> impl Iterator<Item = (String, &Exchange)> {
    let writes = exchanges.iter().filter(|it| it.request.is_write());
    (1..).zip(writes).map(|(number, it): (usize, _)| (format!("write-{number}"), it))
}

/// How many objects of each name were created and deleted.
pub(crate) type Counts = BTreeMap<String, (usize, usize)>;

/// Counts by uid: a deletion that is sent again deletes nothing more.
pub(crate) fn counts(exchanges: &[Exchange]) -> Counts {
    let mut objects = BTreeMap::<String, [BTreeSet<String>; 2]>::new();
    for (number, it) in exchanges.iter().enumerate().filter(|(_, it)| it.request.is_write()) {
        let which = match (it.request.verb, it.code) {
            (Verb::Delete, Some(200..300)) => 1,
            (_, Some(201)) => 0,
            _ => continue,
        };
        let uid = it.uid.clone().unwrap_or_else(|| number.to_string());
        objects.entry(it.request.object()).or_default()[which].insert(uid);
    }
    let count = |(name, [created, deleted]): (String, [BTreeSet<String>; 2])| {
        (name, (created.len(), deleted.len()))
    };
    objects.into_iter().map(count).collect()
}
