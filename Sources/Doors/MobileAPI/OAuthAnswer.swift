internal import HTTPTypes
internal import HummingbirdCore
internal import MobileSessions
internal import NIOCore
internal import Primitives

/// Responses of the listener.
enum OAuthAnswer {
    /// RFC 6797: whoever came over TLS once comes over TLS for a year.
    private static let transportSecurity = "max-age=31536000"

    static func json(_ value: JSON, status: HTTPResponse.Status = .ok, cache: String = "no-store") -> Response {
        bytes(value.canonical, type: "application/json", status: status, cache: cache)
    }

    static func bytes(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok, cache: String = "no-store") -> Response {
        var headers: HTTPFields = [
            .contentType: type, .cacheControl: cache, .strictTransportSecurity: transportSecurity, .xContentTypeOptions: "nosniff",
        ]
        // RFC 6749 §5.1 asks for both.
        if cache == "no-store" { headers[.pragma] = "no-cache" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// The answer is the one that is known already (RFC 9110 §15.4.5).
    static func unchanged(tag: String, cache: String) -> Response {
        var response = Response(
            status: .notModified, headers: [.eTag: tag, .cacheControl: cache, .strictTransportSecurity: transportSecurity])
        response.headers[.contentLength] = nil
        return response
    }

    /// The form of RFC 6749 §5.2.
    static func error(_ code: MobileRefusal.Code, _ detail: String?, status: HTTPResponse.Status) -> Response {
        json(.members(["error": .string(code.rawValue), "error_description": detail.map { .string(plain($0)) }]), status: status)
    }

    static func refusal(_ refusal: MobileRefusal, issuer: String) -> Response {
        var response = error(refusal.code, refusal.detail, status: status(of: refusal))
        switch refusal.code {
        case .invalidClient: response.headers[.wwwAuthenticate] = "Bearer realm=\"\(issuer)\""
        case .temporarilyUnavailable: response.headers[.retryAfter] = String(refusal.retryAfter ?? 5)
        default: break
        }
        return response
    }

    private static func status(of refusal: MobileRefusal) -> HTTPResponse.Status {
        switch refusal.code {
        case .invalidClient: .unauthorized
        case .temporarilyUnavailable: refusal.retryAfter == nil ? .serviceUnavailable : .tooManyRequests
        case .serverError: .internalServerError
        case .invalidRequest, .invalidGrant, .unauthorizedClient, .unsupportedGrantType, .invalidScope, .authorizationPending, .slowDown,
            .accessDenied, .expiredToken, .invalidTarget, .invalidProof, .useNonce:
            .badRequest
        }
    }

    /// The characters that `error_description` may have (RFC 6749 §5.2).
    private static func plain(_ text: String) -> String {
        String(decoding: text.utf8.map { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C ? $0 : 0x27 }, as: UTF8.self)
    }
}

extension HTTPField.Name {
    static let pragma = HTTPField.Name("Pragma") ?? .cacheControl
}
