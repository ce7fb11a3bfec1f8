import APIContract
package import Primitives

/// Bytes that an agent sends.
extension ScriptedAgent.Step {
    package static func text(_ text: String) -> Self { .answer(Array(text.utf8)) }

    package static func json(_ value: JSON, status: Int = 200) -> Self { .body(value.canonical, type: "application/json", status: status) }

    package static func problem(_ code: ErrorCode, _ members: [String: JSON] = [:]) -> Self {
        let problem = Problem(Refusal(code, members), language: .english)
        return .body(problem.json.canonical, type: API.problemType, status: problem.status)
    }

    package static let nothing = Self.text("HTTP/1.1 204 No Content\r\n\r\n")

    /// - Parameter next: where a list goes on.
    package static func body(_ bytes: [UInt8], type: String, status: Int = 200, next: UInt64? = nil) -> Self {
        let further = next.map { "\(API.nextField): \($0)\r\n" } ?? ""
        return .answer(
            Array("HTTP/1.1 \(status) Said\r\nContent-Type: \(type)\r\n\(further)Content-Length: \(bytes.count)\r\n\r\n".utf8) + bytes)
    }

    /// A chunked answer (RFC 9112 §7.1), a chunk for each text.
    package static func chunks(_ chunks: [String], type: String) -> Self {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n"
        return .text(head + chunks.map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined() + "0\r\n\r\n")
    }
}
