// Code generated from the contract by `cargo xtask bindings`. DO NOT EDIT.

package wellhead

// Protocol: the transport protocol of a port.
type Protocol uint8

const (
	// TCP.
	ProtocolTCP Protocol = iota
	// UDP.
	ProtocolUDP
	// SCTP.
	ProtocolSCTP
)

// ContainerPort: a port that a container listens on.
type ContainerPort struct {
	// Port number, 1 to 65535.
	Number int32
	// Transport protocol.
	Protocol Protocol
	// Name of the port, unique in the pod.
	Name *string
}

// VolumeMount: a volume or claim mounted into a container.
type VolumeMount struct {
	// Name of the claim or volume.
	Volume string
	// Absolute path inside the container; unique in the container.
	MountPath string
	// Path inside the volume, when not its root.
	SubPath *string
	// Whether the container cannot write to it.
	ReadOnly bool
}

// ServicePort: a port of the headless Service.
type ServicePort struct {
	// Port number of the Service, 1 to 65535.
	Number int32
	// Transport protocol.
	Protocol Protocol
	// Name of the port; required when the Service has several.
	Name *string
	// Number or name of the container's port.
	Target string
}

// Container: one container: main container, sidecar or init container.
type Container interface {
	// The container's name.
	Name() string
	// Whether this is an init container.
	Init() bool
	// Path: `containers.NAME.image`.
	Image() string
	// Sets the image, as Kubernetes takes it: `postgres`, `postgres:17`, `ghcr.io/acme/app@sha256:...`.
	// Nothing is filled in; without tag and digest, the node pulls `latest`.
	SetImage(value string) error
	// `Always`, `IfNotPresent` or `Never`.
	ImagePullPolicy() *string
	// Sets or removes the pull policy.
	SetImagePullPolicy(value *string) error
	// The entrypoint; empty for the image's own.
	Command() []string
	// Replaces the entrypoint.
	SetCommand(value []string) error
	// The arguments; empty for the image's own.
	Args() []string
	// Replaces the arguments.
	SetArgs(value []string) error
	// The working directory.
	WorkingDir() *string
	// Sets or removes the working directory.
	SetWorkingDir(value *string) error
	// Names of the environment variables, in order.
	EnvNames() []string
	// The literal value of a variable; `none` when it is not set or comes from a reference.
	Env(name string) *string
	// Sets a variable to a literal value. Path: `containers.NAME.env.VARIABLE`.
	SetEnv(name string, value string) error
	// The source of a variable as JSON (`EnvVarSource`), e.g. a Secret's key.
	EnvSource(name string) *string
	// Sets a variable from a source, as JSON (`EnvVarSource`).
	SetEnvSource(name string, json string) error
	// Removes a variable.
	RemoveEnv(name string) error
	// Sources of whole sets of variables as JSON (a list of `EnvFromSource`).
	EnvFrom() *string
	// Replaces them.
	SetEnvFrom(json *string) error
	// The ports, in order.
	Ports() []ContainerPort
	// Adds a port, or changes the name of the one with the same number and protocol.
	// Path: `containers.NAME.ports.NUMBER/PROTOCOL`.
	SetPort(port ContainerPort) error
	// Removes a port.
	RemovePort(number int32, protocol Protocol) error
	// What the container asks the scheduler for, e.g. `cpu`, `memory`, `nvidia.com/gpu`.
	Requests() map[string]string
	// Sets one request. Path: `containers.NAME.resources.requests.RESOURCE`.
	SetRequest(name string, quantity string) error
	// Removes one request.
	RemoveRequest(name string) error
	// What the container may use at most.
	Limits() map[string]string
	// Sets one limit. Path: `containers.NAME.resources.limits.RESOURCE`.
	SetLimit(name string, quantity string) error
	// Removes one limit.
	RemoveLimit(name string) error
	// The mounts, in order.
	Mounts() []VolumeMount
	// Adds a mount, or replaces the one at the same path. Path: `containers.NAME.volumeMounts["PATH"]`.
	SetMount(mount VolumeMount) error
	// Removes the mount at a path.
	RemoveMount(mountPath string) error
	// JSON (`Probe`).
	LivenessProbe() *string
	// JSON (`Probe`).
	SetLivenessProbe(json *string) error
	// JSON (`Probe`).
	ReadinessProbe() *string
	// JSON (`Probe`).
	SetReadinessProbe(json *string) error
	// JSON (`Probe`).
	StartupProbe() *string
	// JSON (`Probe`).
	SetStartupProbe(json *string) error
	// JSON (`Lifecycle`).
	Lifecycle() *string
	// JSON (`Lifecycle`).
	SetLifecycle(json *string) error
	// JSON (`SecurityContext`).
	SecurityContext() *string
	// JSON (`SecurityContext`).
	SetSecurityContext(json *string) error
}

// Claim: one claim: a PersistentVolumeClaim for each replica.
type Claim interface {
	// The claim's name.
	Name() string
	// Size of each volume. Path: `claims.NAME.size`.
	Size() string
	// Sets the size.
	SetSize(quantity string) error
	// The storage class; `none` for the cluster's default, an empty text for no class at all.
	StorageClass() *string
	// Sets the storage class, or removes it. Path: `claims.NAME.storageClass`.
	SetStorageClass(value *string) error
	// `ReadWriteOnce`, `ReadWriteOncePod`, `ReadWriteMany`, `ReadOnlyMany`.
	AccessModes() []string
	// Replaces the access modes.
	SetAccessModes(value []string) error
	// `Filesystem` or `Block`.
	VolumeMode() *string
	// Sets or removes the volume mode.
	SetVolumeMode(value *string) error
	// The VolumeAttributesClass.
	VolumeAttributesClass() *string
	// Sets or removes the VolumeAttributesClass.
	SetVolumeAttributesClass(value *string) error
	// Where the main container mounts it.
	MountPath() *string
	// Sets or removes the mount in the main container.
	SetMountPath(value *string) error
	// Labels of the claims.
	Labels() map[string]string
	// Sets one label. Path: `claims.NAME.labels.KEY`.
	SetLabel(key string, value string) error
	// Removes one label.
	RemoveLabel(key string) error
	// Annotations of the claims.
	Annotations() map[string]string
	// Sets one annotation.
	SetAnnotation(key string, value string) error
	// Removes one annotation.
	RemoveAnnotation(key string) error
	// JSON (`LabelSelector`) over volumes.
	Selector() *string
	// JSON (`LabelSelector`).
	SetSelector(json *string) error
	// JSON (`TypedObjectReference`): what the volumes are filled from.
	DataSourceRef() *string
	// JSON (`TypedObjectReference`).
	SetDataSourceRef(json *string) error
}

// Service: the headless Service.
type Service interface {
	// Name of the Service.
	Name() string
	// The ports, in order.
	Ports() []ServicePort
	// Adds a port, or changes the one with the same number and protocol.
	// Path: `service.ports.NUMBER/PROTOCOL`.
	SetPort(port ServicePort) error
	// Removes a port.
	RemovePort(number int32, protocol Protocol) error
	// Whether DNS lists pods that are not ready.
	PublishNotReadyAddresses() bool
	// Path: `service.publishNotReadyAddresses`.
	SetPublishNotReadyAddresses(value bool) error
	// Labels of the Service.
	Labels() map[string]string
	// Sets one label. Path: `service.labels.KEY`.
	SetLabel(key string, value string) error
	// Removes one label.
	RemoveLabel(key string) error
	// Annotations of the Service.
	Annotations() map[string]string
	// Sets one annotation.
	SetAnnotation(key string, value string) error
	// Removes one annotation.
	RemoveAnnotation(key string) error
}

// Pipeline: the pipeline.
type Pipeline interface {
	// Name of the pipeline and of its StatefulSet.
	Name() string
	// The namespace, when the pipeline or the command line names one.
	Namespace() *string
	// Says why the edits that follow are made; recorded with each of them until the next call.
	Because(reason string)
	// The value at any path as JSON, e.g. of `hostAliases` or `containers.db.restartPolicy`; `none` where it is
	// not set. A text that is no path is `invalid`.
	Get(path string) (*string, error)
	// Sets the value at any path from JSON. What stands in it and is not in the JSON goes. Lists of containers and of
	// claims are not set as a whole: set, insert and remove their items.
	Set(path string, json string) error
	// Removes the value at any path. What is not there stays so. A claim and the main container cannot be removed.
	Remove(path string) error
	// Puts an item at the end of any list, e.g. of `tolerations` or `containers.db.args`, which is made when it is not
	// there; gives the path of the item. Items that other plugins put there stay. `invalid` when the list
	// has names and an item of this name.
	Append(items string, json string) (string, error)
	// Puts an item at a place of any list, as `append` does at the end. In a list without names, the items after it have another
	// index then.
	Insert(items string, json string, at Place) (string, error)
	// Labels of the pipeline and of its StatefulSet.
	Labels() map[string]string
	// Sets one label. Path: `labels.KEY`.
	SetLabel(key string, value string) error
	// Removes one label.
	RemoveLabel(key string) error
	// Annotations of the StatefulSet.
	Annotations() map[string]string
	// Sets one annotation. Path: `annotations.KEY`.
	SetAnnotation(key string, value string) error
	// Removes one annotation.
	RemoveAnnotation(key string) error
	// The labels that select the pods. No plugin can change them.
	Selector() map[string]string
	// Labels of the pods beside the selector's.
	PodLabels() map[string]string
	// Sets one label of the pods. Path: `podLabels.KEY`.
	SetPodLabel(key string, value string) error
	// Removes one label of the pods.
	RemovePodLabel(key string) error
	// Annotations of the pods.
	PodAnnotations() map[string]string
	// Sets one annotation of the pods. Path: `podAnnotations.KEY`.
	SetPodAnnotation(key string, value string) error
	// Removes one annotation of the pods.
	RemovePodAnnotation(key string) error
	// Number of replicas.
	Replicas() int32
	// Sets the number of replicas, 0 or more. Path: `replicas`.
	SetReplicas(value int32) error
	// Names of the containers, in order: the first is the main container, the others are sidecars.
	ContainerNames() []string
	// A container by name.
	Container(name string) (Container, bool)
	// The first container.
	MainContainer() Container
	// Adds a sidecar. Path: `containers.NAME`.
	AddContainer(name string, image string) (Container, error)
	// Removes a sidecar; the main container stays.
	RemoveContainer(name string) error
	// Names of the init containers, in the order in which they run.
	InitContainerNames() []string
	// An init container by name.
	InitContainer(name string) (Container, bool)
	// Adds an init container after the others. Path: `initContainers.NAME`.
	AddInitContainer(name string, image string) (Container, error)
	// Removes an init container.
	RemoveInitContainer(name string) error
	// Names of the claims, in order.
	ClaimNames() []string
	// A claim by name.
	Claim(name string) (Claim, bool)
	// Adds a claim that is ReadWriteOnce. Path: `claims.NAME`. There is no way to remove one.
	AddClaim(name string, size string) (Claim, error)
	// The headless Service.
	Service() Service
	// Names of the volumes that are not claims, in order.
	VolumeNames() []string
	// A volume as JSON (`Volume`).
	Volume(name string) *string
	// Adds or replaces a volume, as JSON (`Volume`; its name may be left out). Path: `volumes.NAME`.
	SetVolume(name string, json string) error
	// Removes a volume.
	RemoveVolume(name string) error
	// The pods' service account.
	ServiceAccountName() *string
	// Sets or removes it. Path: `serviceAccountName`.
	SetServiceAccountName(value *string) error
	// Names of the Secrets that pull images.
	ImagePullSecrets() []string
	// Replaces them. Path: `imagePullSecrets`.
	SetImagePullSecrets(value []string) error
	// Labels that a node must have.
	NodeSelector() map[string]string
	// Sets one of them. Path: `nodeSelector.KEY`.
	SetNodeSelector(key string, value string) error
	// Removes one of them.
	RemoveNodeSelector(key string) error
	// The PriorityClass.
	PriorityClassName() *string
	// Sets or removes it. Path: `priorityClassName`.
	SetPriorityClassName(value *string) error
	// The RuntimeClass.
	RuntimeClassName() *string
	// Sets or removes it. Path: `runtimeClassName`.
	SetRuntimeClassName(value *string) error
	// The scheduler.
	SchedulerName() *string
	// Sets or removes it. Path: `schedulerName`.
	SetSchedulerName(value *string) error
	// Seconds that a pod has to stop.
	TerminationGracePeriodSeconds() *int64
	// Sets or removes it. Path: `terminationGracePeriodSeconds`.
	SetTerminationGracePeriodSeconds(value *int64) error
	// Seconds that a pod must be ready to count as available.
	MinReadySeconds() *int32
	// Sets or removes it. Path: `minReadySeconds`.
	SetMinReadySeconds(value *int32) error
	// JSON (`Affinity`).
	Affinity() *string
	// JSON (`Affinity`).
	SetAffinity(json *string) error
	// JSON (a list of `Toleration`).
	Tolerations() *string
	// JSON (a list of `Toleration`).
	SetTolerations(json *string) error
	// JSON (a list of `TopologySpreadConstraint`).
	TopologySpreadConstraints() *string
	// JSON (a list of `TopologySpreadConstraint`).
	SetTopologySpreadConstraints(json *string) error
	// JSON (`PodSecurityContext`).
	SecurityContext() *string
	// JSON (`PodSecurityContext`).
	SetSecurityContext(json *string) error
	// JSON (`PodDNSConfig`).
	DNSConfig() *string
	// JSON (`PodDNSConfig`).
	SetDNSConfig(json *string) error
	// JSON (`StatefulSetUpdateStrategy`).
	UpdateStrategy() *string
	// JSON (`StatefulSetUpdateStrategy`).
	SetUpdateStrategy(json *string) error
}
