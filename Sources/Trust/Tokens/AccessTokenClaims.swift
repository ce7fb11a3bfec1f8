/// The claims of an access token (RFC 9068 §2.2). Times are NumericDate: whole seconds since 1970 (RFC 7519 §2).
package struct AccessTokenClaims: Codable, Hashable, Sendable {
    package var iss: String
    /// The national identifier, or `local:ID` for an account without one.
    package var sub: String
    package var aud: String
    package var clientID: String
    package var iat: Int64
    package var nbf: Int64
    package var exp: Int64
    package var jti: String
    package var sid: String
    /// Scopes, a blank between them (RFC 6749 §3.3).
    package var scope: String
    package var authTime: Int64
    package var acr: String
    package var amr: [String]
    /// The key the token is bound to (RFC 7800); `nil` for a bearer token.
    package var cnf: Confirmation?
    package var extensions: Extensions
    package var cps: CPS

    package init(
        iss: String, sub: String, aud: String, clientID: String, iat: Int64, nbf: Int64, exp: Int64, jti: String, sid: String,
        scope: String, authTime: Int64, acr: String, amr: [String], cnf: Confirmation? = nil, extensions: Extensions, cps: CPS
    ) {
        self.iss = iss
        self.sub = sub
        self.aud = aud
        self.clientID = clientID
        self.iat = iat
        self.nbf = nbf
        self.exp = exp
        self.jti = jti
        self.sid = sid
        self.scope = scope
        self.authTime = authTime
        self.acr = acr
        self.amr = amr
        self.cnf = cnf
        self.extensions = extensions
        self.cps = cps
    }

    private enum CodingKeys: String, CodingKey {
        case iss, sub, aud, iat, nbf, exp, jti, sid, scope, acr, amr, cnf, extensions, cps
        case clientID = "client_id"
        case authTime = "auth_time"
    }

    /// A confirmation: thumbprint of a key (RFC 9449 §6.1) or of a certificate (RFC 8705 §3.1).
    package struct Confirmation: Codable, Hashable, Sendable {
        package var jkt: String?
        package var x5tS256: String?

        package init(jkt: String? = nil, x5tS256: String? = nil) {
            self.jkt = jkt
            self.x5tS256 = x5tS256
        }

        private enum CodingKeys: String, CodingKey {
            case jkt
            case x5tS256 = "x5t#S256"
        }
    }

    package struct Extensions: Codable, Hashable, Sendable {
        package var iheIUA: IHE

        package init(iheIUA: IHE) { self.iheIUA = iheIUA }

        private enum CodingKeys: String, CodingKey { case iheIUA = "ihe_iua" }
    }

    /// Who and why, as IHE IUA says it (ITI TF-2 §3.71).
    package struct IHE: Codable, Hashable, Sendable {
        package var subjectName: String
        package var subjectRole: [Coding]
        package var subjectOrganizationID: [String]
        package var purposeOfUse: [Coding]

        package init(subjectName: String, subjectRole: [Coding], subjectOrganizationID: [String], purposeOfUse: [Coding]) {
            self.subjectName = subjectName
            self.subjectRole = subjectRole
            self.subjectOrganizationID = subjectOrganizationID
            self.purposeOfUse = purposeOfUse
        }

        private enum CodingKeys: String, CodingKey {
            case subjectName = "subject_name"
            case subjectRole = "subject_role"
            case subjectOrganizationID = "subject_organization_id"
            case purposeOfUse = "purpose_of_use"
        }
    }

    /// A code and the table it is from.
    package struct Coding: Codable, Hashable, Sendable {
        package var system: String
        package var code: String

        package init(system: String, code: String) {
            self.system = system
            self.code = code
        }

        /// A code of the table of health professions.
        package static func profession(_ code: String) -> Coding { Coding(system: "urn:oid:1.2.250.1.71.1.2.7", code: code) }

        /// Normal care, of the HL7 table of reasons.
        package static let treatment = Coding(system: reasons, code: "TREAT")
        /// A declared emergency.
        package static let breakGlass = Coding(system: reasons, code: "BTG")
        /// Care that cannot wait: without the card, or at a call of the emergency services.
        package static let emergencyTreatment = Coding(system: reasons, code: "ETREAT")

        private static let reasons = "urn:oid:2.16.840.1.113883.5.8"
    }
}
