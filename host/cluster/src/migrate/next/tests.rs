//! A cluster in miniature: a pod that writes, volumes that hold what it wrote, and the controllers between them. Steps of
//! ours, of controllers and of people who meddle come in any order.

use proptest::prelude::*;
use serde_json::{Value, json};
use wellhead_spec::MigrationMethod;

use super::{Goal, Next, Seen, Snapshot, next};
use crate::migrate::marks::{self, Role};
use crate::model::json::typed::lenient;
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::storage::migration::HOLD;

/// Records that the application has written: a volume holds the first so many of them.
type Records = u32;

#[derive(Clone, Debug)]
struct Volume {
    name: String,
    class: String,
    policy: &'static str,
    /// The policy before it was kept.
    before: Option<&'static str>,
    role: Option<Role>,
    held: String,
    /// The claim that it is reserved for, and its uid once it is bound.
    owner: (String, Option<u32>),
    phase: &'static str,
    records: Records,
}

#[derive(Clone, Debug)]
struct Claim {
    uid: u32,
    class: String,
    volume: String,
    bound: bool,
    deleting: bool,
    /// Of a filler: the pod that was held.
    held: String,
}

#[derive(Clone, Debug)]
struct Pod {
    uid: u32,
    held: bool,
    deleting: bool,
    ended: bool,
}

#[derive(Clone, Debug)]
struct World {
    claim: Option<Claim>,
    filler: Option<Claim>,
    snapshot: Option<(Snapshot, Records)>,
    pod: Option<Pod>,
    volumes: Vec<Volume>,
    /// What the application has written for good.
    written: Records,
    uids: u32,
    method: MigrationMethod,
}

const CLAIM: &str = "data-db-1";

impl World {
    fn new(method: MigrationMethod) -> Self {
        let volume = Volume {
            name: "old".to_owned(),
            class: "slow".to_owned(),
            policy: "Delete",
            before: None,
            role: None,
            held: String::new(),
            owner: (CLAIM.to_owned(), Some(1)),
            phase: "Bound",
            records: 1,
        };
        let claim = Claim {
            uid: 1,
            class: "slow".to_owned(),
            volume: "old".to_owned(),
            bound: true,
            deleting: false,
            held: String::new(),
        };
        Self {
            claim: Some(claim),
            filler: None,
            snapshot: None,
            pod: Some(Pod { uid: 2, held: false, deleting: false, ended: false }),
            volumes: vec![volume],
            written: 1,
            uids: 2,
            method,
        }
    }

    fn uid(&mut self) -> u32 {
        self.uids += 1;
        self.uids
    }

    fn volume(&mut self, name: &str) -> Option<&mut Volume> {
        self.volumes.iter_mut().find(|it| it.name == name)
    }

    fn with_role(&self, role: Role) -> Option<&Volume> {
        self.volumes.iter().find(|it| it.role == Some(role))
    }

    fn seen(&self) -> Seen {
        let source = self.with_role(Role::Source).or_else(|| {
            let volume = &self.claim.as_ref()?.volume;
            self.volumes.iter().find(|it| it.name == *volume)
        });
        Seen {
            claim: self.claim.as_ref().map(|it| lenient(&claim_json(it))),
            source: source.map(|it| lenient(&volume_json(it))),
            target: self.with_role(Role::Target).map(|it| lenient(&volume_json(it))),
            filler: self.filler.as_ref().map(|it| lenient(&claim_json(it))),
            snapshot: self.snapshot.as_ref().map(|it| it.0.clone()),
            job: None,
            pod: self.pod.as_ref().map(|it| lenient(&pod_json(it))),
            others: Vec::new(),
        }
    }

    fn goal(&self) -> Goal {
        Goal {
            pipeline: PipelineRef { namespace: "ns".to_owned(), name: "db".to_owned() },
            claim: ObjectRef::new(Kind::PersistentVolumeClaim, "ns", CLAIM),
            class: "fast".to_owned(),
            size: "1Gi".to_owned(),
            method: Some(self.method),
        }
    }

    fn held(&self) -> String {
        self.pod.as_ref().map(|it| it.uid.to_string()).unwrap_or_default()
    }

    /// One step of ours, as the API server carries it out.
    fn act(&mut self, next: &Next) {
        let held = self.held();
        match next {
            Next::KeepSource => {
                let name = self.claim.as_ref().expect("it is there").volume.clone();
                let volume = self.volume(&name).expect("it is there");
                volume.before.get_or_insert(volume.policy);
                volume.policy = "Retain";
                volume.role = Some(Role::Source);
            }
            Next::Hold => self.pod.as_mut().expect("it is there").held = true,
            Next::Evict => self.pod.as_mut().expect("it is there").deleting = true,
            Next::TakeSnapshot => self.take_snapshot(held),
            Next::Fill => {
                let uid = self.uid();
                self.filler = Some(Claim {
                    uid,
                    class: "fast".to_owned(),
                    volume: String::new(),
                    bound: false,
                    deleting: false,
                    held,
                });
            }
            Next::DropSnapshot => self.snapshot = None,
            Next::DropFiller | Next::LetGo => {
                self.filler.as_mut().expect("it is there").deleting = true;
            }
            Next::KeepTarget(name) => {
                let volume = self.volume(name).expect("it is there");
                volume.before.get_or_insert(volume.policy);
                volume.policy = "Retain";
                if volume.role != Some(Role::Target) {
                    volume.role = Some(Role::Target);
                    volume.held = held;
                }
            }
            Next::Discard => {
                let target = self.target();
                target.role = Some(Role::Discarded);
                target.owner = ("nobody".to_owned(), None);
            }
            Next::Bind => {
                self.target().owner = (CLAIM.to_owned(), None);
                self.target().phase = "Released";
            }
            Next::Swap => {
                let claim = self.claim.as_ref().expect("it is there").clone();
                let old = self.volumes.iter().find(|it| it.name == claim.volume);
                assert_eq!(old.map(|it| it.policy), Some("Retain"), "its volume would be deleted");
                let target = self.with_role(Role::Target).expect("there is one");
                assert_eq!(target.owner, (CLAIM.to_owned(), None), "another volume would be made");
                assert_eq!(target.records, self.written, "what was written is missing");
                self.claim.as_mut().expect("it is there").deleting = true;
            }
            Next::Release => self.pod.as_mut().expect("it is there").held = false,
            Next::Create => self.create_claim(),
            Next::Retire => {
                let source = self.volumes.iter_mut().find(|it| it.role == Some(Role::Source));
                source.expect("there is one").role = Some(Role::Kept);
            }
            Next::Finish => {
                let target = self.target();
                target.policy = target.before.take().expect("it was noted");
                target.role = None;
            }
            Next::Copy
            | Next::NoteCopied(_)
            | Next::DropJob
            | Next::Done
            | Next::Await(_)
            | Next::Fail(_) => {}
        }
    }

    fn take_snapshot(&mut self, held: String) {
        let uid = self.uid().to_string();
        let snapshot = Snapshot { uid, held, is_ready: false, error: None, is_deleting: false };
        self.snapshot = Some((snapshot, 0));
    }

    fn target(&mut self) -> &mut Volume {
        self.volumes.iter_mut().find(|it| it.role == Some(Role::Target)).expect("there is one")
    }

    fn create_claim(&mut self) {
        if self.claim.is_none() {
            let uid = self.uid();
            self.claim = Some(Claim {
                uid,
                class: "fast".to_owned(),
                volume: String::new(),
                bound: false,
                deleting: false,
                held: String::new(),
            });
        }
    }

    /// What a controller does, if there is anything for it to do.
    fn control(&mut self, which: u8) {
        match which % 8 {
            // The kubelet.
            0 => {
                if let Some(pod) = self.pod.as_mut().filter(|it| it.deleting) {
                    pod.ended = true;
                    if !pod.held {
                        self.pod = None;
                    }
                }
            }
            // The application.
            1 => {
                let runs = self.pod.as_ref().is_some_and(|it| !it.ended);
                let volume = self.claim.as_ref().filter(|it| it.bound).map(|it| it.volume.clone());
                if let (true, Some(volume)) = (runs, volume) {
                    let written = self.written;
                    let volume = self.volume(&volume).expect("it is bound");
                    assert_eq!(volume.records, written, "it runs on other data");
                    volume.records += 1;
                    self.written += 1;
                }
            }
            // The StatefulSet's controller: claims first.
            2 => {
                if self.pod.is_none() && self.claim.as_ref().is_none_or(|it| !it.deleting) {
                    self.create_claim();
                    let uid = self.uid();
                    self.pod = Some(Pod { uid, held: false, deleting: false, ended: false });
                }
            }
            // The protection of claims that pods use.
            3 => {
                if self.claim.as_ref().is_some_and(|it| it.deleting) && self.pod.is_none() {
                    let claim = self.claim.take().expect("it is there");
                    self.unbind(&claim);
                }
            }
            4 => {
                if self.filler.as_ref().is_some_and(|it| it.deleting) {
                    let claim = self.filler.take().expect("it is there");
                    self.unbind(&claim);
                }
            }
            // The binder.
            5 => self.bind_claim(),
            // The provisioner.
            6 => self.provision(),
            // The snapshotter, and the controller of volumes.
            _ => {
                let records = self.source_records();
                if let Some((snapshot, taken)) = self.snapshot.as_mut().filter(|it| !it.0.is_ready)
                {
                    snapshot.is_ready = true;
                    *taken = records;
                }
                for volume in &mut self.volumes {
                    if volume.phase == "Released" && volume.owner.1.is_none() {
                        volume.phase = "Available";
                    }
                }
            }
        }
    }

    fn source_records(&self) -> Records {
        let claim = self.claim.as_ref();
        let volume = claim.and_then(|it| self.volumes.iter().find(|v| v.name == it.volume));
        volume.map_or(0, |it| it.records)
    }

    /// A claim is gone: its volume goes along, or stays.
    fn unbind(&mut self, claim: &Claim) {
        if claim.volume.is_empty() {
            return;
        }
        let volume = self.volume(&claim.volume).expect("it was bound");
        if volume.owner.1 == Some(claim.uid) {
            volume.phase = "Released";
            if volume.policy == "Delete" {
                let name = volume.name.clone();
                self.volumes.retain(|it| it.name != name);
            }
        }
    }

    fn bind_claim(&mut self) {
        let Some(claim) = self.claim.as_mut().filter(|it| !it.bound && !it.deleting) else {
            return;
        };
        let reserved = self.volumes.iter_mut().find(|it| it.owner == (CLAIM.to_owned(), None));
        // Without one, an empty volume would be made.
        let volume = reserved.expect("a volume is reserved for every claim of this name");
        (volume.owner.1, volume.phase) = (Some(claim.uid), "Bound");
        claim.volume.clone_from(&volume.name);
        claim.bound = true;
    }

    fn provision(&mut self) {
        let records = match (&self.snapshot, self.method) {
            (Some((snapshot, records)), MigrationMethod::Snapshot) if snapshot.is_ready => *records,
            (_, MigrationMethod::Snapshot) => return,
            _ => self.source_records(),
        };
        let name = format!("new-{}", self.uids);
        let Some(filler) = self.filler.as_mut().filter(|it| !it.bound && !it.deleting) else {
            return;
        };
        filler.bound = true;
        filler.volume.clone_from(&name);
        let owner = ("filler".to_owned(), Some(filler.uid));
        self.volumes.push(Volume {
            name,
            class: "fast".to_owned(),
            policy: "Delete",
            before: None,
            role: None,
            held: String::new(),
            owner,
            phase: "Bound",
            records,
        });
    }

    /// What people do who know of nothing.
    fn meddle(&mut self, which: u8) {
        match which % 3 {
            0 => {
                if let Some(pod) = &mut self.pod {
                    pod.held = false;
                }
            }
            1 => {
                if let Some(filler) = &mut self.filler {
                    filler.deleting = true;
                }
            }
            _ => {
                if let Some(pod) = &mut self.pod {
                    pod.deleting = true;
                }
            }
        }
    }

    /// Nothing is lost: all that was written is on a volume.
    fn check(&self) {
        let most = self.volumes.iter().map(|it| it.records).max();
        assert_eq!(most, Some(self.written), "{self:#?}");
    }
}

fn claim_json(claim: &Claim) -> Value {
    let deleted = claim.deleting.then_some("2026-01-01T00:00:00Z");
    let annotations = json!({"wellhead.dev/held-pod": claim.held});
    json!({
        "metadata": {"name": CLAIM, "uid": claim.uid.to_string(), "deletionTimestamp": deleted,
                     "annotations": annotations},
        "spec": {"storageClassName": claim.class, "volumeName": claim.volume,
                 "resources": {"requests": {"storage": "1Gi"}}},
        "status": {"phase": if claim.bound { "Bound" } else { "Pending" }}})
}

fn volume_json(volume: &Volume) -> Value {
    let pipeline = PipelineRef { namespace: "ns".to_owned(), name: "db".to_owned() };
    let mut metadata = match volume.role {
        Some(role) => marks::while_held(marks::volume(&pipeline, CLAIM, role), &volume.held),
        None => json!({}),
    };
    metadata["name"] = volume.name.as_str().into();
    json!({
        "metadata": metadata,
        "spec": {
            "capacity": {"storage": "1Gi"}, "storageClassName": volume.class,
            "persistentVolumeReclaimPolicy": volume.policy,
            "claimRef": {"namespace": "ns", "name": volume.owner.0,
                         "uid": volume.owner.1.map(|it| it.to_string())}},
        "status": {"phase": volume.phase}})
}

fn pod_json(pod: &Pod) -> Value {
    let deleted = pod.deleting.then_some("2026-01-01T00:00:00Z");
    let finalizers: &[&str] = if pod.held { &[HOLD] } else { &[] };
    json!({
        "metadata": {"name": "db-1", "uid": pod.uid.to_string(), "finalizers": finalizers,
                     "deletionTimestamp": deleted},
        "spec": {"nodeName": "node-0", "containers": [{"name": "db"}]},
        "status": {"phase": if pod.ended { "Succeeded" } else { "Running" }}})
}

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
enum Event {
    Ours,
    Controller(u8),
    Meddling(u8),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        10 => Just(Event::Ours),
        20 => any::<u8>().prop_map(Event::Controller),
        1 => any::<u8>().prop_map(Event::Meddling),
    ];
    prop::collection::vec(event, 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_whatever_happens_in_whatever_order(
        events in events(),
        method in prop_oneof![Just(MigrationMethod::Clone), Just(MigrationMethod::Snapshot)],
    ) {
        let mut world = World::new(method);
        for event in events {
            match event {
                Event::Ours => {
                    if let Ok(step) = next(&world.seen(), &world.goal()) {
                        world.act(&step);
                    }
                }
                Event::Controller(which) => world.control(which),
                Event::Meddling(which) => world.meddle(which),
            }
            world.check();
        }
        // Left alone, it comes to its end.
        for round in 0..2_000_u32 {
            let step = next(&world.seen(), &world.goal()).expect("nothing speaks against it");
            if step == Next::Done {
                break;
            }
            world.act(&step);
            world.control(u8::try_from(round % 8).expect("less than 8"));
            world.check();
        }
        prop_assert_eq!(next(&world.seen(), &world.goal()).ok(), Some(Next::Done));
        let claim = world.claim.clone().expect("it is there");
        let volume = world.volume(&claim.volume).expect("it is bound").clone();
        prop_assert_eq!((volume.class.as_str(), volume.policy, volume.role), ("fast", "Delete", None));
        prop_assert_eq!(volume.records, world.written);
        let old = world.volume("old").expect("it is kept").clone();
        prop_assert_eq!((old.policy, old.role), ("Retain", Some(Role::Kept)));
    }
}
