module github.com/wellhead-dev/wellhead/plugins/sdk-go

go 1.25
