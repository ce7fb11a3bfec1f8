internal import Crypto
internal import HTTPTypes
internal import HummingbirdCore
internal import Primitives

extension MobileAPI {
    /// RFC 8414 §2. There is no authorization endpoint, so no response types.
    var metadata: JSON {
        func at(_ endpoint: MobileEndpoint) -> JSON { .string(issuer + endpoint.rawValue) }
        let assertions: JSON = ["ES256", "EdDSA", "Ed25519", "PS256", "RS256"]
        return [
            "issuer": .string(issuer),
            "token_endpoint": at(.token),
            "device_authorization_endpoint": at(.deviceAuthorization),
            "introspection_endpoint": at(.introspection),
            "revocation_endpoint": at(.revocation),
            "jwks_uri": at(.keys),
            "response_types_supported": [],
            "grant_types_supported": .array(GrantType.allCases.map { .string($0.rawValue) }),
            "token_endpoint_auth_methods_supported": ["none"],
            "introspection_endpoint_auth_methods_supported": ["self_signed_tls_client_auth", "private_key_jwt"],
            "introspection_endpoint_auth_signing_alg_values_supported": assertions,
            "revocation_endpoint_auth_methods_supported": ["none", "self_signed_tls_client_auth", "private_key_jwt"],
            "revocation_endpoint_auth_signing_alg_values_supported": assertions,
            "dpop_signing_alg_values_supported": ["ES256", "EdDSA", "Ed25519"],
            "pre-authorized_grant_anonymous_access_supported": .bool(false),
            "tls_client_certificate_bound_access_tokens": .bool(false),
        ]
    }

    /// RFC 7517 §5. Verifiers ask again after five minutes at the latest, and are told then whether anything changed.
    func publishedKeys(_ request: Request) -> Response {
        let cache = "public, max-age=300"
        let bytes = keys().canonical
        let tag = "\"\(Base64URL.encode(Array(SHA256.hash(data: bytes).prefix(16))))\""
        let known = request.headers[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }
            .map { $0.trimmingPrefix(while: { $0 == " " }).trimmingPrefix("W/") }
        guard !known.contains(where: { $0 == tag || $0 == "*" }) else { return OAuthAnswer.unchanged(tag: tag, cache: cache) }
        var response = OAuthAnswer.bytes(bytes, type: "application/jwk-set+json", cache: cache)
        response.headers[.eTag] = tag
        return response
    }

    /// A device shows this address with its code, as RFC 8628 §3.2 demands. The code is never typed here, but at the workstation.
    static let devicePage = OAuthAnswer.bytes(
        Array(
            """
            Le code affiché par l'appareil se saisit sur le poste de travail où la carte CPS est insérée, jamais sur cette page :
                cpsctl mobile approve CODE
            N'approuvez que votre propre appareil. Un code reçu d'une autre personne est une tentative de fraude.

            The code that the device shows is typed at the workstation that holds the CPS card, never on this page:
                cpsctl mobile approve CODE
            Approve your own device alone. A code that somebody sent you is an attempt at fraud.

            """.utf8), type: "text/plain; charset=utf-8", cache: "public, max-age=300")
}
