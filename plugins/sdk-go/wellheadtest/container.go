package wellheadtest

import wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"

// A container in memory; [wellhead.Container] documents its methods.
type container struct {
	node
	init bool
}

func (c container) Name() string {
	return required[string](c.node, "name")
}

func (c container) Init() bool {
	return c.init
}

func (c container) EnvNames() []string {
	return c.names("env")
}

func (c container) Env(name string) *string {
	return optional[string](c.node, "env", name, "value")
}

func (c container) SetEnv(name string, value string) error {
	return c.put(map[string]any{"name": name, "value": value}, "env", name)
}

func (c container) EnvSource(name string) *string {
	return c.json("env", name, "valueFrom")
}

func (c container) SetEnvSource(name string, json string) error {
	source, err := c.parse(json, "env", name)
	if err != nil {
		return err
	}
	return c.put(map[string]any{"name": name, "valueFrom": source}, "env", name)
}

func (c container) RemoveEnv(name string) error {
	return c.removeItem("env", name)
}

func (c container) Ports() []wellhead.ContainerPort {
	ports := []wellhead.ContainerPort{}
	for _, item := range c.items("ports") {
		ports = append(ports, wellhead.ContainerPort{
			Number: whole[int32](item["containerPort"]), Protocol: protocolOf(item), Name: pointer[string](item["name"]),
		})
	}
	return ports
}

func (c container) SetPort(port wellhead.ContainerPort) error {
	return c.putPort("containerPort", port.Number, port.Protocol, map[string]any{"name": pointed(port.Name)})
}

func (c container) RemovePort(number int32, protocol wellhead.Protocol) error {
	return c.removeItem("ports", portKey(number, protocol))
}

func (c container) Requests() map[string]string {
	return c.entries("resources", "requests")
}

func (c container) SetRequest(name string, quantity string) error {
	return c.put(quantity, "resources", "requests", name)
}

func (c container) RemoveRequest(name string) error {
	return c.drop("resources", "requests", name)
}

func (c container) Limits() map[string]string {
	return c.entries("resources", "limits")
}

func (c container) SetLimit(name string, quantity string) error {
	return c.put(quantity, "resources", "limits", name)
}

func (c container) RemoveLimit(name string) error {
	return c.drop("resources", "limits", name)
}

func (c container) Mounts() []wellhead.VolumeMount {
	mounts := []wellhead.VolumeMount{}
	for _, item := range c.items("volumeMounts") {
		readOnly, _ := item["readOnly"].(bool)
		mounts = append(mounts, wellhead.VolumeMount{
			Volume: plain(item["name"]), MountPath: plain(item["mountPath"]), SubPath: pointer[string](item["subPath"]), ReadOnly: readOnly,
		})
	}
	return mounts
}

func (c container) SetMount(mount wellhead.VolumeMount) error {
	item, _ := c.value("volumeMounts", mount.MountPath).(map[string]any)
	return c.put(with(item, map[string]any{
		"name": mount.Volume, "mountPath": mount.MountPath, "subPath": pointed(mount.SubPath), "readOnly": orNil(mount.ReadOnly),
	}), "volumeMounts", mount.MountPath)
}

func (c container) RemoveMount(mountPath string) error {
	return c.removeItem("volumeMounts", mountPath)
}

func (c container) Image() string {
	return required[string](c.node, "image")
}

func (c container) SetImage(value string) error {
	return c.put(value, "image")
}

func (c container) ImagePullPolicy() *string {
	return optional[string](c.node, "imagePullPolicy")
}

func (c container) SetImagePullPolicy(value *string) error {
	return c.putOptional(pointed(value), "imagePullPolicy")
}

func (c container) Command() []string {
	return c.texts("command")
}

func (c container) SetCommand(value []string) error {
	return c.put(value, "command")
}

func (c container) Args() []string {
	return c.texts("args")
}

func (c container) SetArgs(value []string) error {
	return c.put(value, "args")
}

func (c container) WorkingDir() *string {
	return optional[string](c.node, "workingDir")
}

func (c container) SetWorkingDir(value *string) error {
	return c.putOptional(pointed(value), "workingDir")
}

func (c container) EnvFrom() *string {
	return c.json("envFrom")
}

func (c container) SetEnvFrom(json *string) error {
	return c.putJSON(json, "envFrom")
}

func (c container) LivenessProbe() *string {
	return c.json("livenessProbe")
}

func (c container) SetLivenessProbe(json *string) error {
	return c.putJSON(json, "livenessProbe")
}

func (c container) ReadinessProbe() *string {
	return c.json("readinessProbe")
}

func (c container) SetReadinessProbe(json *string) error {
	return c.putJSON(json, "readinessProbe")
}

func (c container) StartupProbe() *string {
	return c.json("startupProbe")
}

func (c container) SetStartupProbe(json *string) error {
	return c.putJSON(json, "startupProbe")
}

func (c container) Lifecycle() *string {
	return c.json("lifecycle")
}

func (c container) SetLifecycle(json *string) error {
	return c.putJSON(json, "lifecycle")
}

func (c container) SecurityContext() *string {
	return c.json("securityContext")
}

func (c container) SetSecurityContext(json *string) error {
	return c.putJSON(json, "securityContext")
}
