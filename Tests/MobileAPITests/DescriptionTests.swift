import Foundation
import MobileAPI
import MobileSessions
import Testing

/// `Docs/openapi-mobile.yaml`, where it repeats what the code says.
struct DescriptionTests {
    private static func lines() throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "Docs/openapi-mobile.yaml"), encoding: .utf8).components(separatedBy: "\n")
    }

    @Test func operationsAreTheRequestsThatAreServed() throws {
        var described: Set<String> = []
        var path = ""
        for line in try Self.lines() {
            if let match = line.wholeMatch(of: /\ {2}(\/[^:]*):/) {
                path = String(match.1)
            } else if let match = line.wholeMatch(of: /\ {4}(get|post|put|delete):/) {
                described.insert("\(match.1.uppercased()) \(path)")
            }
        }
        #expect(described == Set(MobileEndpoint.allCases.map { "\($0.method) \($0.rawValue)" }))
    }

    @Test func errorsAreThoseOfTheList() throws {
        let codes = try Self.lines().drop { $0 != "    Error:" }.drop { $0 != "          enum:" }.dropFirst()
            .prefix { $0.hasPrefix("            - ") }.map { String($0.dropFirst(14)) }
        #expect(codes == MobileRefusal.Code.allCases.map(\.rawValue))
    }
}
