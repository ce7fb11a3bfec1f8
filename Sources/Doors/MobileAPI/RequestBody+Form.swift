internal import HTTPServing
internal import HTTPTypes
internal import HummingbirdCore
internal import JOSE
internal import MobileSessions
internal import NIOCore
internal import Primitives

extension Request {
    /// The parameters of a form-encoded request.
    func form() async throws -> FormParameters {
        try require(type: "application/x-www-form-urlencoded")
        guard let form = FormParameters(try await wholeBody()) else {
            throw MobileRefusal(.invalidRequest, "the form cannot be read, or a parameter stands twice")
        }
        return form
    }

    /// The members of a JSON request.
    func jsonObject() async throws -> JSON {
        try require(type: "application/json")
        guard let object = StrictJSON.object(try await wholeBody()) else {
            throw MobileRefusal(.invalidRequest, "the body is not a JSON object")
        }
        return object
    }

    private func wholeBody() async throws -> [UInt8] {
        let body = try await body.collect(upTo: MobileLimits.longestBody)
        return Array(body.readableBytesView)
    }

    private func require(type: String) throws {
        let named = headers[.contentType]?.prefix { $0 != ";" }.split(separator: " ").map { $0.lowercased() }
        guard named == [type] else { throw WrongMediaType(expected: type) }
    }
}

struct WrongMediaType: Error {
    let expected: String
}
