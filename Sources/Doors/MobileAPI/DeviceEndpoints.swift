internal import HTTPServing
internal import HTTPTypes
internal import Habilitation
internal import HummingbirdCore
internal import MobileSessions
internal import Primitives
internal import Sessions

/// How a device may ask for tokens (`grant_type`).
enum GrantType: String, CaseIterable {
    /// OpenID4VCI 1.0 §6.1.
    case preAuthorized = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
    /// RFC 8628 §3.4.
    case device = "urn:ietf:params:oauth:grant-type:device_code"
    case refresh = "refresh_token"
}

extension MobileAPI {
    private static let mostScopes = 64
    private static let longestScopes = 2048
    private static let longestCode = 1024
    private static let longestResource = 512
    private static let longestName = 64

    func authorizeDevice(_ request: Request, _ end: RemoteEnd) async throws -> Response {
        let form = try await request.form()
        let asked = try self.asked(form, request, end, .deviceAuthorization)
        let codes = try await service.authorize(asked)
        return OAuthAnswer.json([
            "device_code": .string(codes.deviceCode),
            "user_code": .string(codes.userCode),
            "verification_uri": .string(issuer + MobileEndpoint.device.rawValue),
            "expires_in": .int(codes.expiresIn),
            "interval": .int(codes.interval),
        ])
    }

    func giveTokens(_ request: Request, _ end: RemoteEnd) async throws -> Response {
        let form = try await request.form()
        let asked = try self.asked(form, request, end, .token)
        let tokens = try await service.tokens(for: try Self.grant(form), asked)
        return OAuthAnswer.json([
            "access_token": .string(tokens.accessToken),
            "token_type": "DPoP",
            "expires_in": .int(tokens.expiresIn),
            "scope": .string(tokens.scopes.joined(separator: " ")),
            "refresh_token": .string(tokens.refreshToken),
            "session": .string(tokens.session),
            "session_expires_in": .int(tokens.sessionExpiresIn),
        ])
    }

    /// Who asks for what. The client first: whoever names none of ours proves nothing.
    private func asked(_ form: FormParameters, _ request: Request, _ end: RemoteEnd, _ endpoint: MobileEndpoint) throws -> MobileRequest {
        let client = try device(form, request)
        let thumbprint: String
        do throws(MobileRefusal) {
            thumbprint = try proofs.thumbprint(request, endpoint)
        } catch {
            guard error.code == .invalidProof else { throw error }
            throw DoorRefusal(error, client: client.name)
        }
        return MobileRequest(
            client: client, address: end.address.text, network: end.address.network, thumbprint: thumbprint,
            deviceName: try Self.deviceName(form),
            scopes: try Self.scopes(form), resource: try Self.resource(form))
    }

    private func device(_ form: FormParameters, _ request: Request) throws -> Client {
        guard let name = form["client_id"] else { throw MobileRefusal(.invalidRequest, "client_id is missing") }
        // RFC 6749 §2.3: a public client has nothing to authenticate with, and whoever uses something is not one.
        guard let entry = clients().named(name), entry.isDevice, request.headers[.authorization] == nil, form["client_secret"] == nil,
            form["client_assertion"] == nil
        else { throw DoorRefusal(MobileRefusal(.invalidClient, "client_id names no program for devices"), client: name) }
        return entry.client
    }

    private static func grant(_ form: FormParameters) throws(MobileRefusal) -> MobileGrant {
        guard let name = form["grant_type"] else { throw MobileRefusal(.invalidRequest, "grant_type is missing") }
        guard let type = GrantType(rawValue: name) else {
            throw MobileRefusal(.unsupportedGrantType, "grant_type is none that the metadata names")
        }
        switch type {
        case .preAuthorized:
            let digits = form["tx_code"] ?? ""
            guard digits.utf8.count == 2, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw MobileRefusal(.invalidRequest, "tx_code must be two digits that the device has chosen and shows")
            }
            return .preAuthorized(code: try code("pre-authorized_code", form), digits: digits)
        case .device: return .device(code: try code("device_code", form))
        case .refresh: return .refresh(token: try code("refresh_token", form))
        }
    }

    private static func code(_ name: String, _ form: FormParameters) throws(MobileRefusal) -> String {
        guard let value = form[name] else { throw MobileRefusal(.invalidRequest, "\(name) is missing") }
        guard value.utf8.count <= longestCode, value.isVisible else { throw MobileRefusal(.invalidGrant, "\(name) is none of ours") }
        return value
    }

    private static func deviceName(_ form: FormParameters) throws(MobileRefusal) -> String? {
        guard let name = form["device_name"] else { return nil }
        guard name.utf8.count <= longestName, name.isOneLine else {
            throw MobileRefusal(.invalidRequest, "device_name must be one visible line of 1 to \(longestName) bytes")
        }
        return name
    }

    private static func scopes(_ form: FormParameters) throws(MobileRefusal) -> [Scope] {
        guard let text = form["scope"] else { return [] }
        guard text.utf8.count <= longestScopes, let scopes = Scope.list(text), scopes.count <= mostScopes else {
            throw MobileRefusal(.invalidScope, "scope is no list of at most \(mostScopes) scopes in \(longestScopes) bytes")
        }
        return scopes
    }

    /// RFC 8707 §2: an absolute address without a fragment.
    private static func resource(_ form: FormParameters) throws(MobileRefusal) -> String? {
        guard let resource = form["resource"] else { return nil }
        let scheme = resource.prefix { $0 != ":" }
        guard resource.utf8.count <= longestResource, resource.isVisible, !resource.contains("#"), !scheme.isEmpty,
            scheme.utf8.count < resource.utf8.count,
            scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        else { throw MobileRefusal(.invalidTarget, "resource must be an absolute address without a fragment") }
        return resource
    }
}
