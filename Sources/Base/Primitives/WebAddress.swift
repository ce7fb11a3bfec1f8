/// An `http` or `https` address, as configurations and certificates write it (RFC 3986).
package struct WebAddress: Hashable, Sendable {
    package let text: String

    private static let longest = 1024

    /// `nil` for anything but printable ASCII with a host and without a user's name.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.longest, text.isVisible else { return nil }
        guard let scheme = ["http://", "https://"].first(where: { text.hasPrefix($0) }) else { return nil }
        let host = text.dropFirst(scheme.count).prefix { !["/", "?", "#"].contains($0) }
        guard !host.isEmpty, host.first != ":", !host.contains("@") else { return nil }
        self.text = text
    }
}
