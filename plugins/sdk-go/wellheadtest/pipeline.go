package wellheadtest

import wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"

func (p *Pipeline) Name() string {
	return required[string](p.node, "name")
}

func (p *Pipeline) Namespace() *string {
	return optional[string](p.node, "namespace")
}

func (p *Pipeline) Because(reason string) {
	p.reason = reason
}

func (p *Pipeline) Selector() map[string]string {
	if selector := p.entries("selector"); len(selector) > 0 {
		return selector
	}
	return map[string]string{"app.kubernetes.io/name": p.Name()}
}

func (p *Pipeline) Replicas() int32 {
	if replicas := optional[int32](p.node, "replicas"); replicas != nil {
		return *replicas
	}
	return 1
}

func (p *Pipeline) ContainerNames() []string {
	return p.names("containers")
}

func (p *Pipeline) Container(name string) (wellhead.Container, bool) {
	return container{p.at("containers", name), false}, p.value("containers", name) != nil
}

func (p *Pipeline) MainContainer() wellhead.Container {
	return container{p.at("containers", p.ContainerNames()[0]), false}
}

func (p *Pipeline) AddContainer(name string, image string) (wellhead.Container, error) {
	return container{p.at("containers", name), false}, p.addItem("containers", map[string]any{"name": name, "image": image})
}

func (p *Pipeline) RemoveContainer(name string) error {
	if name == p.ContainerNames()[0] {
		return invalid(path{"containers", name}, "the main container stays")
	}
	return p.removeItem("containers", name)
}

func (p *Pipeline) InitContainerNames() []string {
	return p.names("initContainers")
}

func (p *Pipeline) InitContainer(name string) (wellhead.Container, bool) {
	return container{p.at("initContainers", name), true}, p.value("initContainers", name) != nil
}

func (p *Pipeline) AddInitContainer(name string, image string) (wellhead.Container, error) {
	return container{p.at("initContainers", name), true}, p.addItem("initContainers", map[string]any{"name": name, "image": image})
}

func (p *Pipeline) RemoveInitContainer(name string) error {
	return p.removeItem("initContainers", name)
}

func (p *Pipeline) ClaimNames() []string {
	return p.names("claims")
}

func (p *Pipeline) Claim(name string) (wellhead.Claim, bool) {
	return claim{p.at("claims", name)}, p.value("claims", name) != nil
}

func (p *Pipeline) AddClaim(name string, size string) (wellhead.Claim, error) {
	return claim{p.at("claims", name)}, p.addItem("claims", map[string]any{"name": name, "size": size})
}

func (p *Pipeline) Service() wellhead.Service {
	return service{p.at("service")}
}

func (p *Pipeline) VolumeNames() []string {
	return p.names("volumes")
}

func (p *Pipeline) Volume(name string) *string {
	return p.json("volumes", name)
}

func (p *Pipeline) SetVolume(name string, json string) error {
	volume, err := p.parse(json, "volumes", name)
	if err != nil {
		return err
	}
	item, isMap := volume.(map[string]any)
	if !isMap {
		return invalid(path{"volumes", name}, "it is no object")
	}
	return p.put(with(item, map[string]any{"name": name}), "volumes", name)
}

func (p *Pipeline) RemoveVolume(name string) error {
	return p.removeItem("volumes", name)
}

func (p *Pipeline) ImagePullSecrets() []string {
	return p.names("imagePullSecrets")
}

func (p *Pipeline) SetImagePullSecrets(value []string) error {
	secrets := []any{}
	for _, name := range value {
		secrets = append(secrets, map[string]any{"name": name})
	}
	return p.put(secrets, "imagePullSecrets")
}

func (p *Pipeline) Labels() map[string]string {
	return p.entries("labels")
}

func (p *Pipeline) SetLabel(key string, value string) error {
	return p.put(value, "labels", key)
}

func (p *Pipeline) RemoveLabel(key string) error {
	return p.drop("labels", key)
}

func (p *Pipeline) Annotations() map[string]string {
	return p.entries("annotations")
}

func (p *Pipeline) SetAnnotation(key string, value string) error {
	return p.put(value, "annotations", key)
}

func (p *Pipeline) RemoveAnnotation(key string) error {
	return p.drop("annotations", key)
}

func (p *Pipeline) PodLabels() map[string]string {
	return p.entries("podLabels")
}

func (p *Pipeline) SetPodLabel(key string, value string) error {
	return p.put(value, "podLabels", key)
}

func (p *Pipeline) RemovePodLabel(key string) error {
	return p.drop("podLabels", key)
}

func (p *Pipeline) PodAnnotations() map[string]string {
	return p.entries("podAnnotations")
}

func (p *Pipeline) SetPodAnnotation(key string, value string) error {
	return p.put(value, "podAnnotations", key)
}

func (p *Pipeline) RemovePodAnnotation(key string) error {
	return p.drop("podAnnotations", key)
}

func (p *Pipeline) SetReplicas(value int32) error {
	return p.put(value, "replicas")
}

func (p *Pipeline) ServiceAccountName() *string {
	return optional[string](p.node, "serviceAccountName")
}

func (p *Pipeline) SetServiceAccountName(value *string) error {
	return p.putOptional(pointed(value), "serviceAccountName")
}

func (p *Pipeline) NodeSelector() map[string]string {
	return p.entries("nodeSelector")
}

func (p *Pipeline) SetNodeSelector(key string, value string) error {
	return p.put(value, "nodeSelector", key)
}

func (p *Pipeline) RemoveNodeSelector(key string) error {
	return p.drop("nodeSelector", key)
}

func (p *Pipeline) PriorityClassName() *string {
	return optional[string](p.node, "priorityClassName")
}

func (p *Pipeline) SetPriorityClassName(value *string) error {
	return p.putOptional(pointed(value), "priorityClassName")
}

func (p *Pipeline) RuntimeClassName() *string {
	return optional[string](p.node, "runtimeClassName")
}

func (p *Pipeline) SetRuntimeClassName(value *string) error {
	return p.putOptional(pointed(value), "runtimeClassName")
}

func (p *Pipeline) SchedulerName() *string {
	return optional[string](p.node, "schedulerName")
}

func (p *Pipeline) SetSchedulerName(value *string) error {
	return p.putOptional(pointed(value), "schedulerName")
}

func (p *Pipeline) TerminationGracePeriodSeconds() *int64 {
	return optional[int64](p.node, "terminationGracePeriodSeconds")
}

func (p *Pipeline) SetTerminationGracePeriodSeconds(value *int64) error {
	return p.putOptional(pointed(value), "terminationGracePeriodSeconds")
}

func (p *Pipeline) MinReadySeconds() *int32 {
	return optional[int32](p.node, "minReadySeconds")
}

func (p *Pipeline) SetMinReadySeconds(value *int32) error {
	return p.putOptional(pointed(value), "minReadySeconds")
}

func (p *Pipeline) Affinity() *string {
	return p.json("affinity")
}

func (p *Pipeline) SetAffinity(json *string) error {
	return p.putJSON(json, "affinity")
}

func (p *Pipeline) Tolerations() *string {
	return p.json("tolerations")
}

func (p *Pipeline) SetTolerations(json *string) error {
	return p.putJSON(json, "tolerations")
}

func (p *Pipeline) TopologySpreadConstraints() *string {
	return p.json("topologySpreadConstraints")
}

func (p *Pipeline) SetTopologySpreadConstraints(json *string) error {
	return p.putJSON(json, "topologySpreadConstraints")
}

func (p *Pipeline) SecurityContext() *string {
	return p.json("securityContext")
}

func (p *Pipeline) SetSecurityContext(json *string) error {
	return p.putJSON(json, "securityContext")
}

func (p *Pipeline) DNSConfig() *string {
	return p.json("dnsConfig")
}

func (p *Pipeline) SetDNSConfig(json *string) error {
	return p.putJSON(json, "dnsConfig")
}

func (p *Pipeline) UpdateStrategy() *string {
	return p.json("updateStrategy")
}

func (p *Pipeline) SetUpdateStrategy(json *string) error {
	return p.putJSON(json, "updateStrategy")
}
