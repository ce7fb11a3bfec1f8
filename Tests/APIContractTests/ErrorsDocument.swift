import APIContract
import Foundation
import Primitives

/// `Docs/Errors.md`, taken apart.
struct ErrorsDocument {
    struct Entry: Hashable {
        var status: Int?
        var exit: Int32?
        var retry: String?
        /// What the lines `fr` and `en` say.
        var texts: [String: String] = [:]
    }

    /// The codes in their order.
    private(set) var codes: [String] = []
    private(set) var entries: [String: Entry] = [:]

    /// The document beside the sources of this test.
    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        self.init(try String(contentsOf: root.appending(path: "Docs/Errors.md"), encoding: .utf8))
    }

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            if let match = line.wholeMatch(of: /### `([a-z_]+)`/) {
                codes.append(String(match.1))
                entries[String(match.1)] = Entry()
            } else if let code = codes.last {
                if let match = line.wholeMatch(of: /- HTTP (\d{3}), exit (\d), retry `(never|now|later)`/) {
                    entries[code]?.status = Int(match.1)
                    entries[code]?.exit = Int32(match.2)
                    entries[code]?.retry = String(match.3)
                } else if let match = line.wholeMatch(of: /- (fr|en): (.+)/) {
                    entries[code]?.texts[String(match.1)] = String(match.2)
                }
            }
        }
    }
}
