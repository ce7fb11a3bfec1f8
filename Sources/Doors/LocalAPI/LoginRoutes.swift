internal import APIContract
internal import Audit
internal import HTTPTypes
internal import Habilitation
internal import Hummingbird
internal import Identity
internal import LoginFlow
internal import NIOCore
internal import Primitives
internal import Sessions
internal import Workstation

extension LocalAPI {
    func addLoginRoutes(to group: RouterGroup<CallContext>) {
        group.post("logins") { request, context in
            let caller = try await seated(.login, .loginRefused, context)
            var fields = try await RequestFields(request)
            let user = try Self.user(&fields)
            let login = LoginRequest(
                reader: try fields.string("reader"), token: try Self.tokenRequest(&fields, audienceNeeded: false),
                forUID: user.uid, account: user.account, resumes: try fields.string("resumes"),
                profile: try fields.string("profile"), supervisor: try Self.supervisor(try fields.string("supervisor")),
                emergency: try Self.emergency(try fields.object("break_glass")))
            try fields.finish()
            let json = try await desk.begin(login, by: caller)
            var response = Answer.json(json, status: .created)
            response.headers[.location] = "\(API.prefix)/logins/\(json["id"]?.string ?? "")"
            return response
        }
        group.get("logins/:id") { _, context in
            Answer.json(try await desk.login(try context.parameter("id"), for: try context.caller()))
        }
        group.delete("logins/:id") { _, context in
            try await desk.cancel(try context.parameter("id"), by: try context.caller())
            return Answer.nothing
        }
        group.put("logins/:id/pin") { request, context in
            let caller = try await seated(.pin, .pinRefused, context)
            let pin = try await Self.secret(request)
            let opened = try await desk.enterPIN(
                pin, login: try context.parameter("id"), acceptLastTry: Self.acceptLastTry(request), by: caller)
            return Answer.json(await answer(opened))
        }
        group.put("logins/:id/password") { request, context in
            let caller = try await seated(.pin, .degradedRefused, context)
            let password = try await Self.secret(request)
            return Answer.json(try await desk.enterPassword(password, login: try context.parameter("id"), by: caller))
        }
        group.post("logins/:id/keypad") { request, context in
            let caller = try await seated(.pin, .pinRefused, context)
            let opened = try await desk.enterPINByKeypad(
                login: try context.parameter("id"), acceptLastTry: Self.acceptLastTry(request), by: caller)
            return Answer.json(await answer(opened))
        }
    }

    /// Whom a login is for: a user by number, or an account of this machine; neither where it is for the caller.
    static func user(_ fields: inout RequestFields) throws(Refusal) -> (uid: UInt32?, account: AccountWish?) {
        let (uid, name, isOwn) = (
            try fields.uid("for_uid"), try fields.string("for_account"), try fields.bool("for_holder") ?? false
        )
        guard [uid != nil, name != nil, isOwn].count(where: \.self) <= 1 else {
            throw RequestFields.invalid("for_uid, for_account and for_holder exclude each other")
        }
        if let name, !UserName.isValid(name) { throw RequestFields.invalid("for_account is no name of a user") }
        return (uid, name.map { .named($0) } ?? (isOwn ? .own : nil))
    }

    /// Longest PIN or password, in bytes.
    private static let longestSecret = 1024

    static func acceptLastTry(_ request: Request) -> String? { request.uri.queryParameters.get("accept_last_try") }

    /// The body as a secret; every buffer that it came in is wiped, also when it is refused.
    static func secret(_ request: Request) async throws -> Secret {
        guard RequestFields.type(request) == API.secretType else { throw Refusal(.unsupportedMediaType) }
        var parts: [ByteBuffer] = []
        defer { for part in parts { part.wipeReadableBytes() } }
        var size = 0
        for try await part in request.body {
            parts.append(part)
            size += part.readableBytes
            guard size <= longestSecret else { throw Refusal(.payloadTooLarge) }
        }
        return Secret(count: size) { secret in
            var offset = 0
            for part in parts {
                part.withUnsafeReadableBytes { bytes in
                    UnsafeMutableRawBufferPointer(rebasing: secret[offset...]).copyMemory(from: bytes)
                    offset += bytes.count
                }
            }
        }
    }

    /// What a request body asks for as a token; `nil` without an audience.
    static func tokenRequest(_ fields: inout RequestFields, audienceNeeded: Bool) throws(Refusal) -> TokenRequest? {
        let audience = try fields.string("audience")
        let texts = try fields.strings("scopes")
        let ttl = try fields.duration("ttl")
        let binding = try fields.string("jkt")
        var scopes: [Scope] = []
        for text in texts {
            guard let scope = Scope(text) else { throw RequestFields.invalid("\(text.prefix(64)) is not a scope") }
            scopes.append(scope)
        }
        guard let audience, !audience.isEmpty else {
            // What is asked for without naming whom it is for would be lost without a word.
            guard !audienceNeeded, texts.isEmpty, ttl == nil, binding == nil else { throw Refusal(.audienceRequired) }
            return nil
        }
        if let binding, Base64URL.decode(binding)?.count != 32 { throw RequestFields.invalid("jkt is not a SHA-256 thumbprint") }
        return TokenRequest(audience: audience, scopes: scopes, ttl: ttl, keyThumbprint: binding)
    }

    /// The answer to a card login, with what was done without the card since the last one.
    private func answer(_ opened: (session: Session, token: IssuedToken?)) async -> JSON {
        Self.opened(opened.session, opened.token).with(
            "degraded_since_last_login", .array(await sinceLastLogin.tell(opened.session)))
    }

    static func opened(_ session: Session, _ token: IssuedToken?) -> JSON {
        guard let token, case .object(let members) = json(token) else { return ["session": session.json] }
        return .object(members.merging(["session": session.json]) { first, _ in first })
    }

    static func json(_ token: IssuedToken) -> JSON {
        [
            "access_token": .string(token.accessToken), "token_type": token.isBound ? "DPoP" : "Bearer",
            "expires_in": .int(token.expiresIn), "scope": .string(token.scopes.joined(separator: " ")),
        ]
    }

    private static func supervisor(_ text: String?) throws(Refusal) -> NationalID? {
        guard let text else { return nil }
        guard let supervisor = NationalID(typed: text) else { throw RequestFields.invalid("supervisor is no identifier of a person") }
        return supervisor
    }
}
