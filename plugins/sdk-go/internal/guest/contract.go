// Code generated from the contract by `cargo xtask bindings`. DO NOT EDIT.

//go:build wasm

package guest

import (
	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
	raw "github.com/wellhead-dev/wellhead/plugins/sdk-go/internal/bindings/wellhead_plugin_pipeline"
)

func containerPortFromRaw(value raw.ContainerPort) wellhead.ContainerPort {
	return wellhead.ContainerPort{
		Number:   value.Number,
		Protocol: wellhead.Protocol(value.Protocol),
		Name:     pointer(value.Name),
	}
}

func containerPortToRaw(value wellhead.ContainerPort) raw.ContainerPort {
	return raw.ContainerPort{
		Number:   value.Number,
		Protocol: raw.Protocol(value.Protocol),
		Name:     option(optionalText("ContainerPort.Name", value.Name)),
	}
}

func volumeMountFromRaw(value raw.VolumeMount) wellhead.VolumeMount {
	return wellhead.VolumeMount{
		Volume:    value.Volume,
		MountPath: value.MountPath,
		SubPath:   pointer(value.SubPath),
		ReadOnly:  value.ReadOnly,
	}
}

func volumeMountToRaw(value wellhead.VolumeMount) raw.VolumeMount {
	return raw.VolumeMount{
		Volume:    text("VolumeMount.Volume", value.Volume),
		MountPath: text("VolumeMount.MountPath", value.MountPath),
		SubPath:   option(optionalText("VolumeMount.SubPath", value.SubPath)),
		ReadOnly:  value.ReadOnly,
	}
}

func servicePortFromRaw(value raw.ServicePort) wellhead.ServicePort {
	return wellhead.ServicePort{
		Number:   value.Number,
		Protocol: wellhead.Protocol(value.Protocol),
		Name:     pointer(value.Name),
		Target:   value.Target,
	}
}

func servicePortToRaw(value wellhead.ServicePort) raw.ServicePort {
	return raw.ServicePort{
		Number:   value.Number,
		Protocol: raw.Protocol(value.Protocol),
		Name:     option(optionalText("ServicePort.Name", value.Name)),
		Target:   text("ServicePort.Target", value.Target),
	}
}

type container struct {
	raw *raw.Container
}

func (self container) Name() string {
	return self.raw.Name()
}

func (self container) Init() bool {
	return self.raw.Init()
}

func (self container) Image() string {
	return self.raw.Image()
}

func (self container) SetImage(value string) error {
	return edited(self.raw.SetImage(text("SetImage", value)))
}

func (self container) ImagePullPolicy() *string {
	return pointer(self.raw.ImagePullPolicy())
}

func (self container) SetImagePullPolicy(value *string) error {
	return edited(self.raw.SetImagePullPolicy(option(optionalText("SetImagePullPolicy", value))))
}

func (self container) Command() []string {
	return self.raw.Command()
}

func (self container) SetCommand(value []string) error {
	return edited(self.raw.SetCommand(texts("SetCommand", value)))
}

func (self container) Args() []string {
	return self.raw.Args()
}

func (self container) SetArgs(value []string) error {
	return edited(self.raw.SetArgs(texts("SetArgs", value)))
}

func (self container) WorkingDir() *string {
	return pointer(self.raw.WorkingDir())
}

func (self container) SetWorkingDir(value *string) error {
	return edited(self.raw.SetWorkingDir(option(optionalText("SetWorkingDir", value))))
}

func (self container) EnvNames() []string {
	return self.raw.EnvNames()
}

func (self container) Env(name string) *string {
	return pointer(self.raw.Env(text("Env", name)))
}

func (self container) SetEnv(name string, value string) error {
	return edited(self.raw.SetEnv(text("SetEnv", name), text("SetEnv", value)))
}

func (self container) EnvSource(name string) *string {
	return pointer(self.raw.EnvSource(text("EnvSource", name)))
}

func (self container) SetEnvSource(name string, json string) error {
	return edited(self.raw.SetEnvSource(text("SetEnvSource", name), text("SetEnvSource", json)))
}

func (self container) RemoveEnv(name string) error {
	return edited(self.raw.RemoveEnv(text("RemoveEnv", name)))
}

func (self container) EnvFrom() *string {
	return pointer(self.raw.EnvFrom())
}

func (self container) SetEnvFrom(json *string) error {
	return edited(self.raw.SetEnvFrom(option(optionalText("SetEnvFrom", json))))
}

func (self container) Ports() []wellhead.ContainerPort {
	return each(self.raw.Ports(), containerPortFromRaw)
}

func (self container) SetPort(port wellhead.ContainerPort) error {
	return edited(self.raw.SetPort(containerPortToRaw(port)))
}

func (self container) RemovePort(number int32, protocol wellhead.Protocol) error {
	return edited(self.raw.RemovePort(number, raw.Protocol(protocol)))
}

func (self container) Requests() map[string]string {
	return entries(self.raw.Requests())
}

func (self container) SetRequest(name string, quantity string) error {
	return edited(self.raw.SetRequest(text("SetRequest", name), text("SetRequest", quantity)))
}

func (self container) RemoveRequest(name string) error {
	return edited(self.raw.RemoveRequest(text("RemoveRequest", name)))
}

func (self container) Limits() map[string]string {
	return entries(self.raw.Limits())
}

func (self container) SetLimit(name string, quantity string) error {
	return edited(self.raw.SetLimit(text("SetLimit", name), text("SetLimit", quantity)))
}

func (self container) RemoveLimit(name string) error {
	return edited(self.raw.RemoveLimit(text("RemoveLimit", name)))
}

func (self container) Mounts() []wellhead.VolumeMount {
	return each(self.raw.Mounts(), volumeMountFromRaw)
}

func (self container) SetMount(mount wellhead.VolumeMount) error {
	return edited(self.raw.SetMount(volumeMountToRaw(mount)))
}

func (self container) RemoveMount(mountPath string) error {
	return edited(self.raw.RemoveMount(text("RemoveMount", mountPath)))
}

func (self container) LivenessProbe() *string {
	return pointer(self.raw.LivenessProbe())
}

func (self container) SetLivenessProbe(json *string) error {
	return edited(self.raw.SetLivenessProbe(option(optionalText("SetLivenessProbe", json))))
}

func (self container) ReadinessProbe() *string {
	return pointer(self.raw.ReadinessProbe())
}

func (self container) SetReadinessProbe(json *string) error {
	return edited(self.raw.SetReadinessProbe(option(optionalText("SetReadinessProbe", json))))
}

func (self container) StartupProbe() *string {
	return pointer(self.raw.StartupProbe())
}

func (self container) SetStartupProbe(json *string) error {
	return edited(self.raw.SetStartupProbe(option(optionalText("SetStartupProbe", json))))
}

func (self container) Lifecycle() *string {
	return pointer(self.raw.Lifecycle())
}

func (self container) SetLifecycle(json *string) error {
	return edited(self.raw.SetLifecycle(option(optionalText("SetLifecycle", json))))
}

func (self container) SecurityContext() *string {
	return pointer(self.raw.SecurityContext())
}

func (self container) SetSecurityContext(json *string) error {
	return edited(self.raw.SetSecurityContext(option(optionalText("SetSecurityContext", json))))
}

type claim struct {
	raw *raw.Claim
}

func (self claim) Name() string {
	return self.raw.Name()
}

func (self claim) Size() string {
	return self.raw.Size()
}

func (self claim) SetSize(quantity string) error {
	return edited(self.raw.SetSize(text("SetSize", quantity)))
}

func (self claim) StorageClass() *string {
	return pointer(self.raw.StorageClass())
}

func (self claim) SetStorageClass(value *string) error {
	return edited(self.raw.SetStorageClass(option(optionalText("SetStorageClass", value))))
}

func (self claim) AccessModes() []string {
	return self.raw.AccessModes()
}

func (self claim) SetAccessModes(value []string) error {
	return edited(self.raw.SetAccessModes(texts("SetAccessModes", value)))
}

func (self claim) VolumeMode() *string {
	return pointer(self.raw.VolumeMode())
}

func (self claim) SetVolumeMode(value *string) error {
	return edited(self.raw.SetVolumeMode(option(optionalText("SetVolumeMode", value))))
}

func (self claim) VolumeAttributesClass() *string {
	return pointer(self.raw.VolumeAttributesClass())
}

func (self claim) SetVolumeAttributesClass(value *string) error {
	return edited(self.raw.SetVolumeAttributesClass(option(optionalText("SetVolumeAttributesClass", value))))
}

func (self claim) MountPath() *string {
	return pointer(self.raw.MountPath())
}

func (self claim) SetMountPath(value *string) error {
	return edited(self.raw.SetMountPath(option(optionalText("SetMountPath", value))))
}

func (self claim) Labels() map[string]string {
	return entries(self.raw.Labels())
}

func (self claim) SetLabel(key string, value string) error {
	return edited(self.raw.SetLabel(text("SetLabel", key), text("SetLabel", value)))
}

func (self claim) RemoveLabel(key string) error {
	return edited(self.raw.RemoveLabel(text("RemoveLabel", key)))
}

func (self claim) Annotations() map[string]string {
	return entries(self.raw.Annotations())
}

func (self claim) SetAnnotation(key string, value string) error {
	return edited(self.raw.SetAnnotation(text("SetAnnotation", key), text("SetAnnotation", value)))
}

func (self claim) RemoveAnnotation(key string) error {
	return edited(self.raw.RemoveAnnotation(text("RemoveAnnotation", key)))
}

func (self claim) Selector() *string {
	return pointer(self.raw.Selector())
}

func (self claim) SetSelector(json *string) error {
	return edited(self.raw.SetSelector(option(optionalText("SetSelector", json))))
}

func (self claim) DataSourceRef() *string {
	return pointer(self.raw.DataSourceRef())
}

func (self claim) SetDataSourceRef(json *string) error {
	return edited(self.raw.SetDataSourceRef(option(optionalText("SetDataSourceRef", json))))
}

type service struct {
	raw *raw.Service
}

func (self service) Name() string {
	return self.raw.Name()
}

func (self service) Ports() []wellhead.ServicePort {
	return each(self.raw.Ports(), servicePortFromRaw)
}

func (self service) SetPort(port wellhead.ServicePort) error {
	return edited(self.raw.SetPort(servicePortToRaw(port)))
}

func (self service) RemovePort(number int32, protocol wellhead.Protocol) error {
	return edited(self.raw.RemovePort(number, raw.Protocol(protocol)))
}

func (self service) PublishNotReadyAddresses() bool {
	return self.raw.PublishNotReadyAddresses()
}

func (self service) SetPublishNotReadyAddresses(value bool) error {
	return edited(self.raw.SetPublishNotReadyAddresses(value))
}

func (self service) Labels() map[string]string {
	return entries(self.raw.Labels())
}

func (self service) SetLabel(key string, value string) error {
	return edited(self.raw.SetLabel(text("SetLabel", key), text("SetLabel", value)))
}

func (self service) RemoveLabel(key string) error {
	return edited(self.raw.RemoveLabel(text("RemoveLabel", key)))
}

func (self service) Annotations() map[string]string {
	return entries(self.raw.Annotations())
}

func (self service) SetAnnotation(key string, value string) error {
	return edited(self.raw.SetAnnotation(text("SetAnnotation", key), text("SetAnnotation", value)))
}

func (self service) RemoveAnnotation(key string) error {
	return edited(self.raw.RemoveAnnotation(text("RemoveAnnotation", key)))
}

type pipeline struct {
	raw *raw.Pipeline
}

func (self pipeline) Name() string {
	return self.raw.Name()
}

func (self pipeline) Namespace() *string {
	return pointer(self.raw.Namespace())
}

func (self pipeline) Because(reason string) {
	self.raw.Because(text("Because", reason))
}

func (self pipeline) Get(path string) (*string, error) {
	result := self.raw.Get(text("Get", path))
	if result.IsErr() {
		return nil, editError(result.Err())
	}
	return pointer(result.Ok()), nil
}

func (self pipeline) Set(path string, json string) error {
	return edited(self.raw.Set(text("Set", path), text("Set", json)))
}

func (self pipeline) Remove(path string) error {
	return edited(self.raw.Remove(text("Remove", path)))
}

func (self pipeline) Append(items string, json string) (string, error) {
	result := self.raw.Append(text("Append", items), text("Append", json))
	if result.IsErr() {
		return "", editError(result.Err())
	}
	return result.Ok(), nil
}

func (self pipeline) Insert(items string, json string, at wellhead.Place) (string, error) {
	result := self.raw.Insert(text("Insert", items), text("Insert", json), placeToRaw(at))
	if result.IsErr() {
		return "", editError(result.Err())
	}
	return result.Ok(), nil
}

func (self pipeline) Labels() map[string]string {
	return entries(self.raw.Labels())
}

func (self pipeline) SetLabel(key string, value string) error {
	return edited(self.raw.SetLabel(text("SetLabel", key), text("SetLabel", value)))
}

func (self pipeline) RemoveLabel(key string) error {
	return edited(self.raw.RemoveLabel(text("RemoveLabel", key)))
}

func (self pipeline) Annotations() map[string]string {
	return entries(self.raw.Annotations())
}

func (self pipeline) SetAnnotation(key string, value string) error {
	return edited(self.raw.SetAnnotation(text("SetAnnotation", key), text("SetAnnotation", value)))
}

func (self pipeline) RemoveAnnotation(key string) error {
	return edited(self.raw.RemoveAnnotation(text("RemoveAnnotation", key)))
}

func (self pipeline) Selector() map[string]string {
	return entries(self.raw.Selector())
}

func (self pipeline) PodLabels() map[string]string {
	return entries(self.raw.PodLabels())
}

func (self pipeline) SetPodLabel(key string, value string) error {
	return edited(self.raw.SetPodLabel(text("SetPodLabel", key), text("SetPodLabel", value)))
}

func (self pipeline) RemovePodLabel(key string) error {
	return edited(self.raw.RemovePodLabel(text("RemovePodLabel", key)))
}

func (self pipeline) PodAnnotations() map[string]string {
	return entries(self.raw.PodAnnotations())
}

func (self pipeline) SetPodAnnotation(key string, value string) error {
	return edited(self.raw.SetPodAnnotation(text("SetPodAnnotation", key), text("SetPodAnnotation", value)))
}

func (self pipeline) RemovePodAnnotation(key string) error {
	return edited(self.raw.RemovePodAnnotation(text("RemovePodAnnotation", key)))
}

func (self pipeline) Replicas() int32 {
	return self.raw.Replicas()
}

func (self pipeline) SetReplicas(value int32) error {
	return edited(self.raw.SetReplicas(value))
}

func (self pipeline) ContainerNames() []string {
	return self.raw.ContainerNames()
}

func (self pipeline) Container(name string) (wellhead.Container, bool) {
	found := self.raw.Container(text("Container", name))
	if found.IsNone() {
		return nil, false
	}
	return container{found.Some()}, true
}

func (self pipeline) MainContainer() wellhead.Container {
	return container{self.raw.MainContainer()}
}

func (self pipeline) AddContainer(name string, image string) (wellhead.Container, error) {
	result := self.raw.AddContainer(text("AddContainer", name), text("AddContainer", image))
	if result.IsErr() {
		return nil, editError(result.Err())
	}
	return container{result.Ok()}, nil
}

func (self pipeline) RemoveContainer(name string) error {
	return edited(self.raw.RemoveContainer(text("RemoveContainer", name)))
}

func (self pipeline) InitContainerNames() []string {
	return self.raw.InitContainerNames()
}

func (self pipeline) InitContainer(name string) (wellhead.Container, bool) {
	found := self.raw.InitContainer(text("InitContainer", name))
	if found.IsNone() {
		return nil, false
	}
	return container{found.Some()}, true
}

func (self pipeline) AddInitContainer(name string, image string) (wellhead.Container, error) {
	result := self.raw.AddInitContainer(text("AddInitContainer", name), text("AddInitContainer", image))
	if result.IsErr() {
		return nil, editError(result.Err())
	}
	return container{result.Ok()}, nil
}

func (self pipeline) RemoveInitContainer(name string) error {
	return edited(self.raw.RemoveInitContainer(text("RemoveInitContainer", name)))
}

func (self pipeline) ClaimNames() []string {
	return self.raw.ClaimNames()
}

func (self pipeline) Claim(name string) (wellhead.Claim, bool) {
	found := self.raw.Claim(text("Claim", name))
	if found.IsNone() {
		return nil, false
	}
	return claim{found.Some()}, true
}

func (self pipeline) AddClaim(name string, size string) (wellhead.Claim, error) {
	result := self.raw.AddClaim(text("AddClaim", name), text("AddClaim", size))
	if result.IsErr() {
		return nil, editError(result.Err())
	}
	return claim{result.Ok()}, nil
}

func (self pipeline) Service() wellhead.Service {
	return service{self.raw.Service()}
}

func (self pipeline) VolumeNames() []string {
	return self.raw.VolumeNames()
}

func (self pipeline) Volume(name string) *string {
	return pointer(self.raw.Volume(text("Volume", name)))
}

func (self pipeline) SetVolume(name string, json string) error {
	return edited(self.raw.SetVolume(text("SetVolume", name), text("SetVolume", json)))
}

func (self pipeline) RemoveVolume(name string) error {
	return edited(self.raw.RemoveVolume(text("RemoveVolume", name)))
}

func (self pipeline) ServiceAccountName() *string {
	return pointer(self.raw.ServiceAccountName())
}

func (self pipeline) SetServiceAccountName(value *string) error {
	return edited(self.raw.SetServiceAccountName(option(optionalText("SetServiceAccountName", value))))
}

func (self pipeline) ImagePullSecrets() []string {
	return self.raw.ImagePullSecrets()
}

func (self pipeline) SetImagePullSecrets(value []string) error {
	return edited(self.raw.SetImagePullSecrets(texts("SetImagePullSecrets", value)))
}

func (self pipeline) NodeSelector() map[string]string {
	return entries(self.raw.NodeSelector())
}

func (self pipeline) SetNodeSelector(key string, value string) error {
	return edited(self.raw.SetNodeSelector(text("SetNodeSelector", key), text("SetNodeSelector", value)))
}

func (self pipeline) RemoveNodeSelector(key string) error {
	return edited(self.raw.RemoveNodeSelector(text("RemoveNodeSelector", key)))
}

func (self pipeline) PriorityClassName() *string {
	return pointer(self.raw.PriorityClassName())
}

func (self pipeline) SetPriorityClassName(value *string) error {
	return edited(self.raw.SetPriorityClassName(option(optionalText("SetPriorityClassName", value))))
}

func (self pipeline) RuntimeClassName() *string {
	return pointer(self.raw.RuntimeClassName())
}

func (self pipeline) SetRuntimeClassName(value *string) error {
	return edited(self.raw.SetRuntimeClassName(option(optionalText("SetRuntimeClassName", value))))
}

func (self pipeline) SchedulerName() *string {
	return pointer(self.raw.SchedulerName())
}

func (self pipeline) SetSchedulerName(value *string) error {
	return edited(self.raw.SetSchedulerName(option(optionalText("SetSchedulerName", value))))
}

func (self pipeline) TerminationGracePeriodSeconds() *int64 {
	return pointer(self.raw.TerminationGracePeriodSeconds())
}

func (self pipeline) SetTerminationGracePeriodSeconds(value *int64) error {
	return edited(self.raw.SetTerminationGracePeriodSeconds(option(value)))
}

func (self pipeline) MinReadySeconds() *int32 {
	return pointer(self.raw.MinReadySeconds())
}

func (self pipeline) SetMinReadySeconds(value *int32) error {
	return edited(self.raw.SetMinReadySeconds(option(value)))
}

func (self pipeline) Affinity() *string {
	return pointer(self.raw.Affinity())
}

func (self pipeline) SetAffinity(json *string) error {
	return edited(self.raw.SetAffinity(option(optionalText("SetAffinity", json))))
}

func (self pipeline) Tolerations() *string {
	return pointer(self.raw.Tolerations())
}

func (self pipeline) SetTolerations(json *string) error {
	return edited(self.raw.SetTolerations(option(optionalText("SetTolerations", json))))
}

func (self pipeline) TopologySpreadConstraints() *string {
	return pointer(self.raw.TopologySpreadConstraints())
}

func (self pipeline) SetTopologySpreadConstraints(json *string) error {
	return edited(self.raw.SetTopologySpreadConstraints(option(optionalText("SetTopologySpreadConstraints", json))))
}

func (self pipeline) SecurityContext() *string {
	return pointer(self.raw.SecurityContext())
}

func (self pipeline) SetSecurityContext(json *string) error {
	return edited(self.raw.SetSecurityContext(option(optionalText("SetSecurityContext", json))))
}

func (self pipeline) DNSConfig() *string {
	return pointer(self.raw.DnsConfig())
}

func (self pipeline) SetDNSConfig(json *string) error {
	return edited(self.raw.SetDnsConfig(option(optionalText("SetDNSConfig", json))))
}

func (self pipeline) UpdateStrategy() *string {
	return pointer(self.raw.UpdateStrategy())
}

func (self pipeline) SetUpdateStrategy(json *string) error {
	return edited(self.raw.SetUpdateStrategy(option(optionalText("SetUpdateStrategy", json))))
}
