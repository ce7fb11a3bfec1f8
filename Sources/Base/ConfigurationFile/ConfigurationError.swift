package import Primitives

/// Everything that is wrong with a configuration, in the order of the file.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    package let problems: [Problem]

    package init(problems: [Problem]) { self.problems = problems }

    /// The file as a whole is at fault.
    package init(file text: Text) { self.init(problems: [Problem(place: .file, key: "", text: text)]) }

    package struct Problem: Hashable, Comparable, Sendable, CustomStringConvertible {
        /// Where the value stands.
        package let place: Place
        /// Dotted: `tokens.ttl`. Empty when it is the file as a whole.
        package let key: String
        /// What is wrong and what is expected, one phrase. Never the value itself.
        package let text: Text

        package init(place: Place, key: String, text: Text) {
            self.place = place
            self.key = key
            self.text = text
        }

        /// The phrase in English, for logs and traces.
        package var reason: String { text.english }

        /// With its place and key, for people.
        package var sentence: Text {
            (key.isEmpty ? text : text.of(key)).of(place.text)
        }

        /// In English, for logs.
        package var description: String { sentence.english }

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

        package var text: Text {
            switch self {
            case .file: Text("fichier", "file")
            case .line(let number): Text("ligne \(number)", "line \(number)")
            case .environment(let name): Text("environnement \(name)", "environment \(name)")
            }
        }

        package var description: String { text.english }
    }

    /// All of them, for people, one a line.
    package var text: Text {
        let sentences = problems.map(\.sentence)
        return Text(sentences.map(\.french).joined(separator: "\n"), sentences.map(\.english).joined(separator: "\n"))
    }

    /// In English, for logs.
    package var description: String { text.english }
}
