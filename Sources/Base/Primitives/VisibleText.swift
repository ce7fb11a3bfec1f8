extension StringProtocol {
    /// Whether it holds visible characters of ASCII and nothing else; so does the empty text.
    package var isVisible: Bool { utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}

extension StringProtocol {
    /// Whether it is one line of text that can be shown and traced: no control or formatting characters, no ends of lines.
    package var isPlainLine: Bool {
        unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
            default: true
            }
        }
    }
}
