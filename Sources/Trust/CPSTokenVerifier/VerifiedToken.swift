public import FoundationEssentials
internal import JOSE
internal import Primitives

/// What a token says, once it may be believed. Only ``TokenVerifier`` makes one.
public struct VerifiedToken: Hashable, Sendable {
    /// A code and the table it is from.
    public struct Coding: Hashable, Sendable {
        public let system: String
        public let code: String
    }

    /// National identifier, or `local:ID` for an account without one.
    public let subject: String
    public let subjectName: String?
    /// The program that asked for the token.
    public let clientID: String
    /// Identifier of the session: what revocation events name.
    public let session: String
    /// `jti`.
    public let tokenID: String
    public let scopes: Set<String>
    public let acr: String
    public let amr: [String]
    public let authenticatedAt: Date
    public let issuedAt: Date
    public let expiresAt: Date
    /// Professions, by the table of health professions.
    public let roles: [Coding]
    public let organizations: [String]
    /// Why: normal care, or an emergency (`BTG`, `ETREAT`).
    public let purposesOfUse: [Coding]
    /// `card`, `mobile` or `degraded`.
    public let mode: String
    /// The chosen situation of practice.
    public let profile: String?
    /// How fresh the revocation data was at the login; `nil` when there was none.
    public let revocationAsOf: Date?
    /// Id of the emergency under which it was issued: show it, and keep it with what is done.
    public let breakGlass: String?
    /// Whether it is of a test card.
    public let isTest: Bool
    /// Sequence of the trace of this token in the agent's log: keep it with what is done, so that the log can be checked against it.
    public let trace: Int64
    /// Thumbprint (RFC 7638) of the key it is bound to; `nil` for a bearer token.
    public let keyThumbprint: String?
}

extension VerifiedToken {
    /// The claims that are read before they are judged.
    struct Claims {
        let token: VerifiedToken
        let issuer: String
        let audiences: [String]
        let issued: Int64
        let notBefore: Int64
        let expiry: Int64
        let authTime: Int64
        let revocationTime: Int64?
        let confirmation: JSON?
    }

    private static let listLimit = 64
    /// NumericDate up to the year 9999: later ones are no dates.
    private static let times: ClosedRange<Int64> = 0...253_402_300_799

    /// Reads the claims of RFC 9068 §2.2 and those of the agent; `nil` when one is missing or of another form.
    static func claims(_ json: JSON) -> Claims? {
        func time(_ name: String) -> Int64? { json[name]?.int.flatMap { times.contains($0) ? $0 : nil } }
        func date(_ seconds: Int64) -> Date { Date(timeIntervalSince1970: TimeInterval(seconds)) }
        let cps = json["cps"]
        let iua = json["extensions"]?["ihe_iua"]
        guard let issuer = json["iss"]?.string, let subject = json["sub"]?.string, let client = json["client_id"]?.string,
            let session = json["sid"]?.string, let id = json["jti"]?.string, let acr = json["acr"]?.string,
            let amr = texts(json["amr"]), let scope = json["scope"]?.string, let issued = time("iat"), let expiry = time("exp"),
            let authTime = time("auth_time"), let mode = cps?["mode"]?.string, let isTest = cps?["test"]?.bool,
            let trace = cps?["trace"]?.int, let audiences = json["aud"]?.string.map({ [$0] }) ?? texts(json["aud"]),
            let roles = codings(iua?["subject_role"]), let purposes = codings(iua?["purpose_of_use"]),
            let organizations = texts(iua?["subject_organization_id"])
        else { return nil }
        let notBefore = json["nbf"] == nil ? issued : time("nbf")
        guard let notBefore else { return nil }
        let fresh = cps?["revocation_as_of"]?.string
        let revocationTime = fresh.flatMap { Timestamp($0) }
        guard fresh == nil || revocationTime != nil else { return nil }
        let token = VerifiedToken(
            subject: subject, subjectName: iua?["subject_name"]?.string, clientID: client, session: session, tokenID: id,
            scopes: Set(scope.split(separator: " ").map(String.init)), acr: acr, amr: amr, authenticatedAt: date(authTime),
            issuedAt: date(issued), expiresAt: date(expiry), roles: roles, organizations: organizations, purposesOfUse: purposes,
            mode: mode,
            profile: cps?["profile"]?.string, revocationAsOf: revocationTime.map { date($0.seconds) },
            breakGlass: cps?["break_glass"]?.string,
            isTest: isTest, trace: trace, keyThumbprint: json["cnf"]?["jkt"]?.string)
        return Claims(
            token: token, issuer: issuer, audiences: audiences, issued: issued, notBefore: notBefore, expiry: expiry, authTime: authTime,
            revocationTime: revocationTime?.seconds, confirmation: json["cnf"])
    }

    private static func texts(_ json: JSON?) -> [String]? {
        guard let list = json?.array, list.count <= listLimit else { return nil }
        let texts = list.compactMap(\.string)
        return texts.count == list.count ? texts : nil
    }

    private static func codings(_ json: JSON?) -> [Coding]? {
        guard let list = json?.array, list.count <= listLimit else { return nil }
        let codings = list.compactMap { entry -> Coding? in
            guard let system = entry["system"]?.string, let code = entry["code"]?.string else { return nil }
            return Coding(system: system, code: code)
        }
        return codings.count == list.count ? codings : nil
    }
}
