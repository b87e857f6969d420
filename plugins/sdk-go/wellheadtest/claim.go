package wellheadtest

// A claim in memory; wellhead.Claim documents its methods.
type claim struct {
	node
}

func (c claim) Name() string {
	return required[string](c.node, "name")
}

func (c claim) Size() string {
	return required[string](c.node, "size")
}

func (c claim) SetSize(quantity string) error {
	return c.put(quantity, "size")
}

func (c claim) StorageClass() *string {
	return optional[string](c.node, "storageClass")
}

func (c claim) SetStorageClass(value *string) error {
	return c.putOptional(pointed(value), "storageClass")
}

func (c claim) AccessModes() []string {
	return c.texts("accessModes")
}

func (c claim) SetAccessModes(value []string) error {
	return c.put(value, "accessModes")
}

func (c claim) VolumeMode() *string {
	return optional[string](c.node, "volumeMode")
}

func (c claim) SetVolumeMode(value *string) error {
	return c.putOptional(pointed(value), "volumeMode")
}

func (c claim) VolumeAttributesClass() *string {
	return optional[string](c.node, "volumeAttributesClass")
}

func (c claim) SetVolumeAttributesClass(value *string) error {
	return c.putOptional(pointed(value), "volumeAttributesClass")
}

func (c claim) MountPath() *string {
	return optional[string](c.node, "mountPath")
}

func (c claim) SetMountPath(value *string) error {
	return c.putOptional(pointed(value), "mountPath")
}

func (c claim) Labels() map[string]string {
	return c.entries("labels")
}

func (c claim) SetLabel(key string, value string) error {
	return c.put(value, "labels", key)
}

func (c claim) RemoveLabel(key string) error {
	return c.drop("labels", key)
}

func (c claim) Annotations() map[string]string {
	return c.entries("annotations")
}

func (c claim) SetAnnotation(key string, value string) error {
	return c.put(value, "annotations", key)
}

func (c claim) RemoveAnnotation(key string) error {
	return c.drop("annotations", key)
}

func (c claim) Selector() *string {
	return c.json("selector")
}

func (c claim) SetSelector(json *string) error {
	return c.putJSON(json, "selector")
}

func (c claim) DataSourceRef() *string {
	return c.json("dataSourceRef")
}

func (c claim) SetDataSourceRef(json *string) error {
	return c.putJSON(json, "dataSourceRef")
}
