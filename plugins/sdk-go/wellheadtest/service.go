package wellheadtest

import wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"

// The headless Service in memory; [wellhead.Service] documents its methods.
type service struct {
	node
}

func (s service) Name() string {
	if name := optional[string](s.node, "name"); name != nil {
		return *name
	}
	return s.pipeline.Name()
}

func (s service) Ports() []wellhead.ServicePort {
	ports := []wellhead.ServicePort{}
	for _, item := range s.items("ports") {
		number := whole[int32](item["port"])
		target, isNumber := item["targetPort"]
		if !isNumber {
			target = item["port"]
		}
		ports = append(ports, wellhead.ServicePort{
			Number: number, Protocol: protocolOf(item), Name: pointer[string](item["name"]), Target: plain(target),
		})
	}
	return ports
}

func (s service) SetPort(port wellhead.ServicePort) error {
	return s.putPort("port", port.Number, port.Protocol, map[string]any{"targetPort": target(port.Target), "name": pointed(port.Name)})
}

func (s service) RemovePort(number int32, protocol wellhead.Protocol) error {
	return s.removeItem("ports", portKey(number, protocol))
}

func (s service) PublishNotReadyAddresses() bool {
	return required[bool](s.node, "publishNotReadyAddresses")
}

func (s service) SetPublishNotReadyAddresses(value bool) error {
	return s.put(value, "publishNotReadyAddresses")
}

func (s service) Labels() map[string]string {
	return s.entries("labels")
}

func (s service) SetLabel(key string, value string) error {
	return s.put(value, "labels", key)
}

func (s service) RemoveLabel(key string) error {
	return s.drop("labels", key)
}

func (s service) Annotations() map[string]string {
	return s.entries("annotations")
}

func (s service) SetAnnotation(key string, value string) error {
	return s.put(value, "annotations", key)
}

func (s service) RemoveAnnotation(key string) error {
	return s.drop("annotations", key)
}
