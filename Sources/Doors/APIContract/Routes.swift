/// Names that both ends of the socket share.
package enum API {
    package static let prefix = "/v1"
    /// Version of `Docs/openapi.yaml`; `Docs/API-versions.md` says what each of its numbers promises.
    package static let version = "1.0.0"
    /// Longest request body, in bytes.
    package static let longestBody = 65_536
    package static let problemType = "application/problem+json"
    package static let secretType = "application/octet-stream"
    package static let formType = "application/x-www-form-urlencoded"
    /// Field of an answer that is a page of traces and not the last: the sequence to ask for next.
    package static let nextField = "Next-From"
}
