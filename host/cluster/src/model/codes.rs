//! The codes of this crate's findings.

/// One code and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code, e.g. `WH0401`. Never given to another meaning.
    pub code: &'static str,
    /// The meaning in a few words.
    pub title: &'static str,
    /// What happened, why, and the ways out.
    pub explanation: &'static str,
}

const fn code(code: &'static str, title: &'static str, explanation: &'static str) -> Code {
    Code { code, title, explanation }
}

/// Every code that this crate uses, in order.
pub const CODES: &[Code] = &[
    code(
        "WH0201",
        "a StatefulSet field that cannot change in place",
        "Kubernetes fixes serviceName, podManagementPolicy, selector and volumeClaimTemplates when a StatefulSet is \
         created. A change is refused before anything is written: put the old value back, or pass `--recreate`. Then the \
         StatefulSet is deleted without its pods and created again, and adopts them: they keep running, and claims are \
         not touched. Pods that have no volume by an added claim template are replaced one after the other. Another \
         size or class of a template is no reason to refuse: Wellhead applies the claims of every replica itself, so \
         it reaches new claims and grows old ones, and without `--recreate` the live templates are kept with a \
         warning. They only serve replicas that something else adds.",
    ),
    code(
        "WH0202",
        "the storage class does not allow volumes to grow",
        "A claim can only grow when its storage class has allowVolumeExpansion: true. The class may be changed \
         later; Kubernetes reads it when the claim is changed.",
    ),
    code(
        "WH0203",
        "a volume cannot shrink",
        "A claim was asked to be smaller than its volume. No storage system can do that safely, so Kubernetes \
         refuses it. Ask for at least the present size, or copy the data to a new, smaller claim.",
    ),
    code(
        "WH0204",
        "the storage class does not exist",
        "A claim names a storage class that the cluster does not have, and no volume made by hand carries that name \
         either. The claim would stay Pending for ever.",
    ),
    code(
        "WH0205",
        "a claim field that cannot change",
        "Of a bound claim only the size and the volume attributes class can change; of an unbound one nothing can. \
         An unbound claim holds no data: delete it, then apply again.",
    ),
    code(
        "WH0206",
        "claims that exist already are used",
        "Claims of the names that this pipeline needs exist, and their data is used. This is what keeps data across \
         a delete and a later apply. If the data is not wanted, delete the claims first.",
    ),
    code(
        "WH0207",
        "deleting the StatefulSet would delete its data",
        "The StatefulSet's retention policy has whenDeleted: Delete, so Kubernetes would delete the claims along \
         with it; or a claim is being deleted already, and goes with its pod. Wellhead deletes claims only when asked to.",
    ),
    code(
        "WH0208",
        "no storage class, and no default",
        "A new claim leaves the storage class to the cluster's default, and no class is marked as that. The claim would \
         stay Pending until one is. Name a class, or have one marked with the annotation \
         storageclass.kubernetes.io/is-default-class: true.",
    ),
    code(
        "WH0209",
        "no free volume fits a claim",
        "The claim's class makes no volumes (kubernetes.io/no-provisioner, or no class at all), so it needs one that \
         somebody made: of that class, free, large enough, with the claim's access modes, volume mode and labels, \
         and on a node that could run the pod. The claim stays Pending until there is one.",
    ),
    code(
        "WH0210",
        "the pod could not run where its volume would be",
        "The storage class makes volumes in some places only (allowedTopologies), and no node there could run the \
         pods: they lack a label, have a taint or are too small.",
    ),
    code(
        "WH0211",
        "a volume attributes class that cannot take effect",
        "The claim names a VolumeAttributesClass that does not exist, or that is of another driver than its volume. \
         Nothing would come of it, so it is refused before anything is written.",
    ),
    code(
        "WH0220",
        "a StatefulSet is not ready to be made anew",
        "Before a StatefulSet is deleted to be created again, no claim may hang on it, and it must be what it was when \
         the change was decided. Something is different, so it was not deleted. The same command decides again.",
    ),
    code(
        "WH0221",
        "something stays as it was although the StatefulSet is new",
        "Pods that keep running keep their DNS names, so the Service of the old `serviceName` stays until they have \
         restarted; nothing in the cluster asks for it then but those who use the old names. Claims of a template that \
         was removed stay with their data. Both are deleted by hand, by the command that is told. Pods without a volume by an added template are replaced \
         while an apply waits, and stay as they are until one does.",
    ),
    code(
        "WH0222",
        "pods did not keep running while their StatefulSet was made anew",
        "Wellhead asked for the StatefulSet to be deleted without its pods, and some of them ended all the same: somebody \
         deleted them, or something between Wellhead and the API server changed the request. The new StatefulSet starts \
         them again, with the same claims.",
    ),
    code(
        "WH0223",
        "pods are not adopted yet",
        "A StatefulSet was created whose pods run already, and it does not own them yet. The controller manager adopts \
         them when it works; until then nobody replaces a pod that ends.",
    ),
    code(
        "WH0224",
        "a StatefulSet comes back without what others had set of it",
        "A run with `--recreate` ended between deleting the StatefulSet and creating it, and the files are others now. \
         Wellhead keeps what others had set of it, such as the replicas of an autoscaler, and creates it with that when \
         the same files are applied again. With other files, the new object has the values of the pipeline.",
    ),
    code(
        "WH0225",
        "scaling down would delete data",
        "The retention policy has whenScaled: Delete, so Kubernetes deletes the claims of every pod that is scaled away, \
         and their data with them. Whatever asks for fewer replicas, a pipeline, a plugin, a rollback or a kept plan, \
         that is refused unless a person repeats the name of the pipeline: `--delete-claims NAME`, or NAMESPACE/NAME \
         where several have the name, once for each. With whenScaled: Retain in the same apply, the claims stay.",
    ),
    code(
        "WH0301",
        "the image cannot be pulled",
        "A node cannot get the image of a container: the name or tag is wrong, the registry is not reachable, or \
         the pull secret is missing or wrong.",
    ),
    code(
        "WH0302",
        "a broken pod of an earlier revision blocks the rollout",
        "With the pod management policy OrderedReady, Kubernetes waits for a broken pod to become ready before it \
         replaces it, even when a good template is already there. With `--replace-stuck-pods`, an apply deletes exactly \
         such pods, one at a time; their claims and their data stay. A pod that is ready, has the new template or is \
         below the partition is never deleted.",
    ),
    code(
        "WH0303",
        "no node takes the pod",
        "The scheduler finds no node with enough free resources that the pod's node selector, affinity and \
         tolerations admit.",
    ),
    code(
        "WH0304",
        "a claim has no volume",
        "The claim waits for a volume, or has lost it. The reason given comes from the claim's events.",
    ),
    code(
        "WH0305",
        "pods are refused when they are created",
        "The StatefulSet's controller may not create pods: a ResourceQuota is used up, or admission refuses them.",
    ),
    code(
        "WH0306",
        "a container crashes again and again",
        "The container starts and ends with an error. Its log before the last restart usually says why.",
    ),
    code(
        "WH0307",
        "a container cannot be created",
        "The node cannot make the container or start its program: a ConfigMap, a Secret or a key of one is missing, the \
         user contradicts `runAsNonRoot`, the image does not have the program, or a mount does not fit.",
    ),
    code(
        "WH0308",
        "not ready in time",
        "Everything was written, but not every replica became ready within the time given. Nothing is undone; the \
         rollout goes on.",
    ),
    code(
        "WH0309",
        "not gone in time",
        "The deletion was accepted, but something holds it up: a finalizer, or pods that take long to end. Wellhead \
         never removes a finalizer that somebody else set. A StatefulSet that is to be created again waits for the \
         controller manager, which removes the finalizer `orphan`; nothing is applied before that, for it would vanish.",
    ),
    code(
        "WH0310",
        "what the pods need does not exist",
        "The pod template names a ConfigMap, Secret or service account that is not in the namespace, or a runtime or \
         priority class that is not in the cluster. Pods wait for the first two, and are refused without the others. \
         `plan` looks whether they exist, never into them, and not at \
         references that are optional.",
    ),
    code(
        "WH0311",
        "no node could ever run the pods",
        "Every node of the cluster lacks what the node selector or the required node affinity asks for, has a taint \
         that the pods do not tolerate, or is smaller than what one pod requests, extended resources such as GPUs, \
         sidecars and the overhead of the runtime included. What depends on other pods is left to the scheduler. A \
         cluster that grows by itself may still add such a node.",
    ),
    code(
        "WH0312",
        "a quota has too little room for the pods",
        "With all pods of these pipelines in the namespace, the quota would be exceeded: some pods would not be made, \
         and of those that are replaced, the last to go does not come back. Requests and limits are counted as \
         admission would set them, with the defaults of limit ranges. Scopes that cannot be known, such as that of a \
         priority class that is not named, are not judged.",
    ),
    code(
        "WH0313",
        "a quota wants to know what every container uses",
        "A quota on CPU or memory refuses pods of which a container does not say that request or limit, and no \
         LimitRange of the namespace gives a default.",
    ),
    code(
        "WH0314",
        "a limit range refuses the pods",
        "A container, or a pod as a whole, requests less or more than a LimitRange of the namespace allows, or its \
         limit is too many times its request. The StatefulSet is stored, and no pod of it is made.",
    ),
    code(
        "WH0315",
        "pods wait for scheduling gates",
        "A pod with `schedulingGates` gets no node before somebody has taken every gate off it: a controller that \
         prepares something, or a person. Gates of the pipeline are on every pod that is made.",
    ),
    code(
        "WH0316",
        "a pod does not end",
        "A pod is being deleted, and its successor cannot start before it is gone. Its containers take long to end, a \
         finalizer holds it, or its node does not answer: a pod on a lost node stays until the node comes back, is deleted, or \
         is said to be out of service. Deleting the pod by force while its node may still run it can start a second \
         writer on the same data.",
    ),
    code(
        "WH0317",
        "a pod has a node and does not start",
        "The node prepares the pod: it attaches and mounts volumes, sets up the network and runs init containers. The \
         newest warning about the pod usually says what is missing.",
    ),
    code(
        "WH0318",
        "pods would share a volume that they cannot share",
        "A claim that stands in `volumes` is one for all pods of the pipeline, unlike those in `claims`, of which each pod \
         has its own. With the access mode ReadWriteOnce only pods on one node can use it, and those write to the same \
         files; with ReadWriteOncePod only one pod can. The same goes for a disk that a volume names itself.",
    ),
    code(
        "WH0320",
        "a volume has not grown yet",
        "A claim asks for more than its volume has. The storage driver makes the volume larger, and a node its file \
         system; with some drivers the node does that only when it mounts the volume anew, which a restart of the pod \
         does. An apply waits for the claims that it makes larger.",
    ),
    code(
        "WH0321",
        "a volume cannot grow",
        "The storage driver refused to make the volume as large as its claim asks, for a limit or a lack of space. The \
         claim may be taken back to any size that is more than what the volume has.",
    ),
    code(
        "WH0401",
        "somebody else owns a field",
        "Another field manager set a field to another value than the pipeline does. Taking it over would start a fight \
         between the two, so nothing is written. The pipeline says beforehand whose value stands, field by field, in \
         `ownership`: `yield` leaves the field to them (an autoscaler's `replicas`), `share` keeps their value and \
         stays an owner beside them, `take` takes the field over. `apply --take FIELD` takes it in this run alone, which \
         also restores what somebody edited by hand. All three are about the pipeline's field, e.g. \
         `containers.db.image`, and every conflict that they do not decide is still refused.",
    ),
    code(
        "WH0402",
        "another run writes to the pipeline",
        "One run at a time writes to a pipeline, and holds the Lease `wellhead.PIPELINE` in its namespace while it does. \
         The message says who holds it and since when; nothing of the pipeline was written. A run that died stops renewing the Lease \
         and is taken over after 15 seconds, or up to two minutes where the server is slow to reply, so there is \
         nothing to unlock by hand. `--lock-timeout` waits for one that \
         is alive.",
    ),
    code(
        "WH0403",
        "the object belongs to somebody else",
        "An object of this name exists and does not carry this pipeline's labels. It is neither changed nor \
         deleted. Rename one of the two, or repeat the command with --adopt, which takes the object over: its uid, its \
         pods and its data stay. What belongs to another pipeline is not taken over.",
    ),
    code(
        "WH0404",
        "the object is being deleted",
        "The object has a deletion timestamp: it will vanish, and so would every change made to it now. Nothing takes a \
         deletion back. A claim stays as long as a pod uses it, and its volume and data go with the last of these \
         pods, unless the volume's reclaim policy is Retain: that can be set now, and keeps the data whatever happens \
         to the claim. Everything else is gone once those who set its finalizers are done; then the same command goes on.",
    ),
    code(
        "WH0405",
        "the object was deleted or replaced meanwhile",
        "Between reading and writing somebody deleted the object. Writing on would silently create an empty \
         successor, so Wellhead insists on the uid that it read and stops.",
    ),
    code(
        "WH0406",
        "the server finds the object invalid",
        "The API server's validation refused the object. The message names the fields.",
    ),
    code(
        "WH0407",
        "the cluster's policy refuses the object",
        "An admission policy, webhook or quota of the cluster said no during the dry run or the write.",
    ),
    code(
        "WH0408",
        "the credentials do not allow the request",
        "The cluster knows who asks, but no Role grants the verb on this kind in this namespace. `plan` and `apply` ask \
         about every verb that an apply would use, and print the rule to add.",
    ),
    code(
        "WH0409",
        "the namespace does not exist or is being deleted",
        "Wellhead writes into existing namespaces only.",
    ),
    code(
        "WH0410",
        "the API server cannot be reached",
        "No connection, or no answer within the deadline, after several tries. Writing the same state twice is \
         harmless, so running the same command again finishes the work.",
    ),
    code(
        "WH0411",
        "no usable cluster configuration",
        "The kubeconfig is missing, cannot be read, or lacks the context, cluster or user that was asked for; or what it \
         says of a server, a proxy, a certificate or credentials cannot be used; or its credential helper failed. No \
         request was sent with it.",
    ),
    code(
        "WH0412",
        "the credentials are not accepted",
        "The API server answered 401: the token or certificate is missing, wrong or expired. Or it took the request for \
         one of `system:anonymous`: no credentials reached it.",
    ),
    code(
        "WH0413",
        "an answer that Wellhead cannot use",
        "The API server, or a proxy in front of it, answered with an unexpected error or with something that is no \
         JSON.",
    ),
    code(
        "WH0414",
        "not as it was planned",
        "A plan that was kept says what each object was and what it becomes. Something is different now: somebody \
         changed, deleted or made an object, or the server would store another value. Nothing is written, for what \
         would be done is not what was looked at. Make a new plan and apply that.",
    ),
    code(
        "WH0415",
        "the Lease was lost while writing",
        "The run could not renew the Lease of a pipeline in time, or another run has taken it over, so it stopped \
         before its next write to that pipeline, looked at it again, and lost the Lease each time. What was written \
         stays; the same command goes on from there.",
    ),
    code(
        "WH0416",
        "storage cannot go back",
        "The revision asks for smaller volumes than there are. No volume can shrink, so nothing was written. With \
         `--keep-storage` everything else goes back, and the claims stay as they are.",
    ),
    code(
        "WH0417",
        "a record of a revision cannot be used",
        "A revision of the history is missing a part, is damaged, is larger than any that Wellhead writes, holds objects \
         that are not the pipeline's own, or its name is taken by something else. Each is a \
         ControllerRevision `wellhead.PIPELINE.NUMBER` in the pipeline's namespace; others can still be used.",
    ),
    code(
        "WH0418",
        "the revision is not kept",
        "The history has no revision of this number, or none before the current one. The last ten are kept; \
         `wellhead history NAME` lists them.",
    ),
    code(
        "WH0419",
        "nothing confirms a revision",
        "The Lease of a pipeline notes number and digest of each revision that a run applied to its end. This one is not \
         among them: its run died, an earlier version of Wellhead made it, or somebody wrote or replaced the record who \
         may do less than you. Look at all of it with `wellhead history show`; naming it with its digest, as in \
         `wellhead rollback NAME 3@sha256:...`, goes back to exactly that content.",
    ),
    code(
        "WH0425",
        "a quota has no room for what would be written",
        "Together, the objects of this run are more than a quota of the namespace allows. The server looks at one \
         object at a time and would refuse those that come last, so nothing is written.",
    ),
    code(
        "WH0426",
        "the API server is old",
        "Wellhead builds on strict validation by the server and on the retention policy of claims, which Kubernetes \
         has switched on since 1.27. It is tested with 1.36.",
    ),
    code(
        "WH0427",
        "the API server warns of an object",
        "The server does what it is asked, and says that something about it is not well: Pod Security will refuse the \
         pods of a StatefulSet, a policy of the cluster warns, a field or value is deprecated, a webhook has something to \
         say. `plan` hears of it in the dry run, so before anything is written; the text is the server's.",
    ),
    code(
        "WH0440",
        "an object is taken over",
        "With --adopt, a Service or StatefulSet that somebody else made becomes the pipeline's. It keeps its uid, and where \
         no value changes, no pod restarts. The server no longer records what the pipeline says as set by whoever made \
         it, so that a field which the pipeline drops later goes. What the pipeline never said stays, and is told \
         (WH0441). Stop managing the object in the old way: helm uninstall, for one, would still delete it.",
    ),
    code(
        "WH0441",
        "something is left behind",
        "An object has a field, a variable or a container that the pipeline does not say, and that stays, because \
         somebody who applied the object before still owns it. `--take FIELD` of an apply removes it, with the pipeline's \
         name of the field, e.g. `containers.db.env.OLD`. `--adopt` removes everything that earlier applies of the \
         pipeline said and that earlier appliers (kubectl, Helm, GitOps tools) still own. To keep it, say it in the pipeline.",
    ),
    code(
        "WH0442",
        "something that is left behind is in the way",
        "What the pipeline says cannot stand beside something that it does not say and that somebody else owns: \
         another handler of a probe, another source of a volume or a variable, a port of the same name. Or a container \
         would be added beside one that the pipeline no longer says, and both would run on the same volumes. Nothing is \
         written. `--take FIELD` of the apply removes it, as does `--adopt` what earlier appliers own.",
    ),
    code(
        "WH0443",
        "a field to take that nothing has",
        "`--take` names a field that no pipeline of the run sets, and that none of their objects keeps. It may have been \
         taken already, by the same command. Everything else goes on.",
    ),
];

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(CODES.is_sorted_by(|one, next| one.code < next.code));
    }
}
