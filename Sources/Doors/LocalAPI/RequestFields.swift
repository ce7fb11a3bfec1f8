internal import APIContract
internal import Foundation
internal import HTTPServing
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Primitives

/// The members of a JSON request body, each read once and by type; what nobody reads is refused by name.
struct RequestFields {
    private var members: [String: JSON]

    /// An empty body counts as an empty object.
    init(_ request: Request) async throws {
        let body = try await request.body.collect(upTo: API.longestBody)
        guard body.readableBytes > 0 else {
            members = [:]
            return
        }
        guard Self.type(request) == "application/json" else { throw Refusal(.unsupportedMediaType) }
        guard let value = try? JSONDecoder().decode(JSON.self, from: Data(body.readableBytesView)), case .object(let members) = value else {
            throw Self.invalid("the body is not a JSON object")
        }
        self.members = members
    }

    private init(_ members: [String: JSON]) { self.members = members }

    /// The members of an object in this one.
    mutating func object(_ name: String) throws(Refusal) -> RequestFields? {
        switch members.removeValue(forKey: name) {
        case nil, .null?: return nil
        case .object(let members)?: return RequestFields(members)
        default: throw Self.invalid("\(name) is not an object")
        }
    }

    mutating func objects(_ name: String) throws(Refusal) -> [RequestFields] {
        guard case .array(let values)? = members.removeValue(forKey: name) else { throw Self.invalid("\(name) is not a list") }
        var objects: [RequestFields] = []
        for value in values {
            guard case .object(let members) = value else { throw Self.invalid("\(name) is not a list of objects") }
            objects.append(RequestFields(members))
        }
        return objects
    }

    mutating func string(_ name: String) throws(Refusal) -> String? {
        switch members.removeValue(forKey: name) {
        case nil, .null?: return nil
        case .string(let value)? where value.utf8.count <= 4096: return value
        default: throw Self.invalid("\(name) is not a text of at most 4096 bytes")
        }
    }

    mutating func strings(_ name: String) throws(Refusal) -> [String] {
        switch members.removeValue(forKey: name) {
        case nil, .null?: return []
        case .array(let values)? where values.count <= 64:
            let texts = values.compactMap(\.string)
            guard texts.count == values.count else { throw Self.invalid("\(name) is not a list of texts") }
            return texts
        default: throw Self.invalid("\(name) is not a list of at most 64 texts")
        }
    }

    mutating func integer(_ name: String) throws(Refusal) -> Int64? {
        switch members.removeValue(forKey: name) {
        case nil, .null?: return nil
        case .int(let value)?: return value
        default: throw Self.invalid("\(name) is not a whole number")
        }
    }

    mutating func bool(_ name: String) throws(Refusal) -> Bool? {
        switch members.removeValue(forKey: name) {
        case nil, .null?: return nil
        case .bool(let value)?: return value
        default: throw Self.invalid("\(name) is not true or false")
        }
    }

    mutating func uid(_ name: String) throws(Refusal) -> UInt32? {
        guard let number = try integer(name) else { return nil }
        guard let uid = UInt32(exactly: number) else { throw Self.invalid("\(name) is not a user id") }
        return uid
    }

    /// Seconds, or a text as `15m`.
    mutating func duration(_ name: String) throws(Refusal) -> Int64? {
        switch members.removeValue(forKey: name) {
        case nil, .null?: return nil
        case .int(let value)? where value > 0: return value
        case .string(let text)?:
            guard let seconds = DurationText.seconds(text), seconds > 0 else { throw Self.invalid("\(name) is not a duration") }
            return seconds
        default: throw Self.invalid("\(name) is not a duration")
        }
    }

    /// Refuses what is left over: a misspelt member must not be passed over.
    func finish() throws(Refusal) {
        if let name = members.keys.sorted().first { throw Self.invalid("\(name.prefix(64)) is not a member of this request") }
    }

    /// The media type of the body, without parameters.
    static func type(_ request: Request) -> String? { request.headers[.contentType]?.prefix { $0 != ";" }.lowercased() }

    static func invalid(_ detail: String) -> Refusal { Refusal(.invalidRequest, ["detail": .string(detail)]) }
}

/// The parameters of a form-encoded body (RFC 6749 appendix B).
struct RequestForm {
    private let values: FormParameters

    init(_ request: Request) async throws {
        guard RequestFields.type(request) == API.formType else { throw Refusal(.unsupportedMediaType) }
        let body = try await request.body.collect(upTo: API.longestBody)
        guard let values = FormParameters(body.readableBytesView) else { throw RequestFields.invalid("the form cannot be read") }
        self.values = values
    }

    func required(_ name: String) throws(Refusal) -> String {
        guard let value = values[name] else { throw RequestFields.invalid("\(name) is missing") }
        return value
    }
}
