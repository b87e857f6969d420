module platform-defaults

go 1.25

require github.com/wellhead-dev/wellhead/plugins/sdk-go v0.1.0

replace github.com/wellhead-dev/wellhead/plugins/sdk-go => ./sdk
