internal import APIContract
internal import Audit
internal import Hummingbird
internal import Identity
internal import NIOCore
internal import Primitives
internal import Sessions

extension LocalAPI {
    func addDirectoryRoutes(to group: RouterGroup<CallContext>) {
        group.get("directory") { _, context in
            _ = try context.caller()
            return Answer.json(["directory": try await known { () async throws(LedgerFailure) in try await directory.current() } ?? .null])
        }
        group.get("directory/people/:person") { _, context in
            _ = try context.caller()
            let text = try context.parameter("person")
            // An RPPS number alone, or a whole national identifier.
            guard let id = NationalID(text.utf8.count == 11 && !text.contains("/") ? "8\(text)" : text),
                let person = try await known({ () async throws(LedgerFailure) in try await directory.person(id) })
            else { throw Refusal(.personUnknown) }
            return Answer.json(person)
        }
        group.post("directory/imports") { request, context in
            try await requireRoot(try context.caller())
            var fields = try await RequestFields(request)
            let wanted = try Self.importRequest(&fields)
            try fields.finish()
            return Answer.json(try await directory.begin(wanted), status: .created)
        }
        group.get("directory/imports/:id") { _, context in
            try await requireRoot(try context.caller())
            return Answer.json(try await directory.underway(try context.parameter("id")))
        }
        group.put("directory/imports/:id/people") { request, context in
            try await requireRoot(try context.caller())
            let people = try Self.people(try await Self.bytes(request))
            return Answer.json(try await directory.add(people, to: try context.parameter("id")))
        }
        group.put("directory/imports/:id/data") { request, context in
            let caller = try context.caller()
            try await requireRoot(caller)
            guard let offset = request.uri.queryParameters.get("offset").flatMap({ Int64($0) }), offset >= 0 else {
                throw RequestFields.invalid("offset is not a number of bytes")
            }
            let bytes = try await Self.bytes(request)
            guard !bytes.isEmpty else { throw RequestFields.invalid("the body is empty") }
            return Answer.json(try await directory.take(bytes, at: offset, into: try context.parameter("id"), by: caller))
        }
    }

    private static let largestFile: Int64 = 1 << 36

    private static func importRequest(_ fields: inout RequestFields) throws(Refusal) -> DirectoryImportRequest {
        let (sha256, size) = (try fields.string("sha256"), try fields.integer("size"))
        guard let sha256, Hex.isSHA256(sha256) else { throw RequestFields.invalid("sha256 is not a SHA-256 in hexadecimal") }
        guard let size, (1...largestFile).contains(size) else { throw RequestFields.invalid("size is not a number of bytes") }
        let people = try fields.string("people_sha256")
        guard people.map(Hex.isSHA256) ?? true else { throw RequestFields.invalid("people_sha256 is not a SHA-256 in hexadecimal") }
        let (structures, departments) = (try fields.strings("structures"), try fields.strings("departments"))
        guard (structures + departments).allSatisfy({ StructureID($0) != nil }) else {
            throw RequestFields.invalid("structures and departments are identifiers without blanks")
        }
        return DirectoryImportRequest(
            sha256: sha256, size: size, structures: structures.sorted(), departments: departments.sorted(), people: people)
    }

    /// National identifiers, one a line.
    private static func people(_ bytes: [UInt8]) throws(Refusal) -> [NationalID] {
        try bytes.split(separator: 0x0A).map { line throws(Refusal) in
            guard let text = String(validating: line, as: UTF8.self), let id = NationalID(text) else {
                throw RequestFields.invalid("a line is no national identifier")
            }
            return id
        }
    }

    private static func bytes(_ request: Request) async throws -> [UInt8] {
        guard RequestFields.type(request) == API.secretType else { throw Refusal(.unsupportedMediaType) }
        return [UInt8](buffer: try await request.body.collect(upTo: API.longestBody))
    }

    private func requireRoot(_ caller: Caller) async throws(Refusal) {
        guard caller.uid != 0, caller.uid != facts.uid else { return }
        throw try await traced(Refusal(.forbidden), .directoryRefused, caller)
    }

    private func known<Result>(_ body: () async throws(LedgerFailure) -> Result) async throws(Refusal) -> Result {
        do throws(LedgerFailure) { return try await body() } catch {
            throw Refusal(.internalError, ["detail": "the directory cannot be read"])
        }
    }
}
