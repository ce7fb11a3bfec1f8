internal import APIContract
internal import Audit
internal import Crypto
internal import HTTPTypes
internal import Hummingbird
internal import LoginFlow
internal import NIOCore
internal import Primitives
internal import Sessions

extension LocalAPI {
    func addSignatureRoutes(to group: RouterGroup<CallContext>) {
        group.post("sessions/:id/signatures") { request, context in
            let caller = try await seated(.login, .signatureRefused, context)
            let session = try context.parameter("id")
            var fields = try await RequestFields(request)
            let batch: SignatureRequest
            do throws(Refusal) {
                batch = try Self.signatureRequest(&fields)
            } catch {
                throw error.code == .invalidRequest ? error : try await traced(error, .signatureRefused, caller)
            }
            let json = try await desk.beginSignature(batch, session: session, by: caller)
            var response = Answer.json(Self.prompting(json, request), status: .created)
            let route = "\(API.prefix)/sessions/\(json["session"]?.string ?? "")/signatures/\(json["id"]?.string ?? "")"
            response.headers[.location] = route
            return response
        }
        group.get("sessions/:id/signatures/:signature") { request, context in
            let json = try await desk.signature(
                try context.parameter("signature"), session: try context.parameter("id"), for: try context.caller())
            return Answer.json(Self.prompting(json, request))
        }
        group.delete("sessions/:id/signatures/:signature") { _, context in
            try await desk.cancelSignature(
                try context.parameter("signature"), session: try context.parameter("id"), by: try context.caller())
            return Answer.nothing
        }
        group.put("sessions/:id/signatures/:signature/documents/:item") { request, context in
            let caller = try context.caller()
            let (session, id, item) = (
                try context.parameter("id"), try context.parameter("signature"), try context.parameter("item")
            )
            try await desk.expectDocument(item, of: id, session: session, by: caller)
            guard RequestFields.type(request) == API.secretType else { throw Refusal(.unsupportedMediaType) }
            let document = try await uploads.one { try await Self.digest(request) }
            return Answer.json(
                Self.prompting(try await desk.give(document, item: item, of: id, session: session, by: caller), request))
        }
        group.put("sessions/:id/signatures/:signature/pin") { request, context in
            let caller = try await seated(.pin, .pinRefused, context)
            let pin = try await Self.secret(request)
            let json = try await desk.sign(
                pin, signature: try context.parameter("signature"), session: try context.parameter("id"),
                acceptLastTry: Self.acceptLastTry(request), by: caller)
            return Answer.json(Self.prompting(json, request))
        }
    }

    private static func signatureRequest(_ fields: inout RequestFields) throws(Refusal) -> SignatureRequest {
        let formats = try fields.strings("formats")
        let list = try fields.objects("items")
        let isStamped = try fields.bool("timestamp") ?? false
        try fields.finish()
        var items: [SignatureRequest.Item] = []
        for var entry in list {
            guard let name = try entry.string("name") else { throw RequestFields.invalid("an item has no name") }
            let type = try entry.string("media_type") ?? API.secretType
            var hash: (algorithm: String, value: String)?
            if var given = try entry.object("hash") {
                guard let algorithm = try given.string("algorithm"), let value = try given.string("value") else {
                    throw RequestFields.invalid("a hash has an algorithm and a value")
                }
                try given.finish()
                hash = (algorithm, value)
            }
            try entry.finish()
            items.append(try SignatureRequest.Item(name: name, mediaType: type, hash: hash))
        }
        var wanted: [SignatureRequest.Format] = []
        for text in formats.isEmpty ? ["cms"] : formats {
            guard let format = SignatureRequest.Format(rawValue: text) else {
                throw RequestFields.invalid("\(text.prefix(64)) is no format")
            }
            wanted.append(format)
        }
        return try SignatureRequest(items: items, formats: wanted, isStamped: isStamped)
    }

    /// Hashes a document as it comes in; nothing of it is kept.
    private static func digest(_ request: Request) async throws -> DocumentDigest {
        var hash = SHA256()
        var size = 0
        for try await part in request.body {
            size += part.readableBytes
            guard size <= SignatureRequest.longestDocument else { throw Refusal(.payloadTooLarge) }
            part.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        }
        return DocumentDigest(sha256: Array(hash.finalize()), size: size)
    }

    /// The batch with what the person is to be shown before giving the PIN, in the language of the request.
    private static func prompting(_ batch: JSON, _ request: Request) -> JSON {
        guard case .object(var members) = batch, members["state"] == "awaiting_pin" else { return batch }
        let names = (batch["items"]?.array ?? []).compactMap { $0["name"]?.string }
        let prompt = Text(
            "Signer \(names.count) document(s) : \(names.map { "« \($0) »" }.joined(separator: ", "))",
            "Sign \(names.count) document(s): \(names.map { "“\($0)”" }.joined(separator: ", "))")
        members["prompt"] = .string(prompt.in(Language(acceptLanguage: request.headers[.acceptLanguage])))
        return .object(members)
    }
}
