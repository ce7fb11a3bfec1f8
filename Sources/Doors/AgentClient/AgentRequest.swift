package import Primitives

/// What is asked of the agent; a secret body is given apart, so that it is never part of a value that can be copied.
package struct AgentRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    package enum Body: Sendable {
        case json(JSON)
        /// Names and values of a form (RFC 6749 appendix B).
        case form([(String, String)])
        /// As they are; no secret.
        case bytes([UInt8])
    }

    let method: Method
    let target: String
    let body: Body?
    let patience: Duration?

    /// How long an answer may take where the caller does not say.
    package static let patience = Duration.seconds(30)

    /// - Parameters:
    ///   - path: segments below `/v1`, not encoded.
    ///   - query: names and values, not encoded.
    ///   - patience: how long the whole exchange may take; `nil` for any time.
    package init(
        _ method: Method, _ path: [String], query: [(String, String)] = [], body: Body? = nil, patience: Duration? = Self.patience
    ) {
        self.method = method
        let segments = path.map { "/\(PercentEncoding.encode($0))" }.joined()
        target = segments + (query.isEmpty ? "" : "?\(PercentEncoding.form(query))")
        self.body = body
        self.patience = patience
    }
}

/// Percent-encoding (RFC 3986 §2.1) of everything but unreserved characters.
enum PercentEncoding {
    static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes += Array("%\(Hex.encode([byte], uppercase: true))".utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func form(_ pairs: [(String, String)]) -> String {
        pairs.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&")
    }
}
