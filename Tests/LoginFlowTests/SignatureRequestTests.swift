import LoginFlow
import Primitives
import Testing

/// What may be asked to be signed.
struct SignatureRequestTests {
    private func batch(_ count: Int, formats: [SignatureRequest.Format]) throws(Refusal) -> SignatureRequest {
        var items: [SignatureRequest.Item] = []
        for _ in 0..<count { items.append(try SignatureRequest.Item(name: "a", mediaType: "text/plain", hash: nil)) }
        return try SignatureRequest(items: items, formats: formats)
    }

    @Test(arguments: [
        ("sha1", String(repeating: "a", count: 40)), ("SHA256", String(repeating: "a", count: 64)), ("sha256", ""),
        ("sha256", String(repeating: "a", count: 63)), ("sha256", String(repeating: "a", count: 66)),
        ("sha256", String(repeating: "g", count: 64)), ("sha256", String(repeating: " ", count: 64)),
        ("sha512", String(repeating: "a", count: 128)),
    ])
    func onlySHA256IsAHash(algorithm: String, value: String) throws {
        do throws(Refusal) {
            _ = try SignatureRequest.Item(name: "a", mediaType: "text/plain", hash: (algorithm, value))
            Issue.record("taken")
        } catch {
            #expect(error.code == .hashInvalid)
        }
    }

    @Test(arguments: [
        ("", "text/plain"), (String(repeating: "n", count: 201), "text/plain"), ("a\nb", "text/plain"), ("a\u{202E}b", "text/plain"),
        ("a\u{1B}[2J", "text/plain"), ("a", "text"), ("a", "text/"), ("a", "text/plain; x=1"), ("a", "text/plain/x"), ("a", ""),
        ("a", "text/\(String(repeating: "p", count: 128))"), ("a", "té/xt"),
    ])
    func namesAndMediaTypesAreBounded(name: String, type: String) throws {
        do throws(Refusal) {
            _ = try SignatureRequest.Item(name: name, mediaType: type, hash: nil)
            Issue.record("taken")
        } catch {
            #expect(error.code == .invalidRequest)
        }
    }

    @Test(
        arguments: [
            (32, 1, nil), (33, 1, .batchTooLarge), (16, 2, nil), (17, 2, .batchTooLarge), (0, 1, .invalidRequest), (1, 0, .invalidRequest),
        ] as [(Int, Int, ErrorCode?)])
    func batchesAreBounded(items: Int, formats: Int, code: ErrorCode?) throws {
        do throws(Refusal) {
            _ = try batch(items, formats: Array(SignatureRequest.Format.allCases.prefix(formats)))
            #expect(code == nil)
        } catch {
            #expect(error.code == code)
        }
    }
}
