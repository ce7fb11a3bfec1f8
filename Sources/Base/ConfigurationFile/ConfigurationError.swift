/// Everything that is wrong with a configuration, in the order of the file.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    package let problems: [Problem]

    package init(problems: [Problem]) { self.problems = problems }

    /// The file as a whole is at fault.
    package init(file reason: String) { self.init(problems: [Problem(place: .file, key: "", reason: reason)]) }

    package struct Problem: Hashable, Comparable, Sendable, CustomStringConvertible {
        /// Where the value stands.
        package let place: Place
        /// Dotted: `tokens.ttl`. Empty when it is the file as a whole.
        package let key: String
        /// What is wrong and what is expected, one English phrase. Never the value itself.
        package let reason: String

        package init(place: Place, key: String, reason: String) {
            self.place = place
            self.key = key
            self.reason = reason
        }

        package var description: String { key.isEmpty ? "\(place): \(reason)" : "\(place): \(key): \(reason)" }

        /// File first, then lines, then the environment by name.
        package static func < (left: Problem, right: Problem) -> Bool { left.order < right.order }

        private var order: (Int, String, String) {
            switch place {
            case .file: (0, "", key)
            case .line(let number): (number, "", key)
            case .environment(let name): (.max, name, key)
            }
        }
    }

    package enum Place: Hashable, Sendable, CustomStringConvertible {
        case file
        /// Counted from 1.
        case line(Int)
        /// Name of an environment variable.
        case environment(String)

        package var description: String {
            switch self {
            case .file: "file"
            case .line(let number): "line \(number)"
            case .environment(let name): "environment \(name)"
            }
        }
    }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
