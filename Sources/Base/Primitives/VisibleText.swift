extension StringProtocol {
    /// Whether it holds visible characters of ASCII and nothing else; so does the empty text.
    package var isVisible: Bool { utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}
