internal import OpenSSL
internal import Primitives

/// The certificates above a time-stamping authority. They are trusted for stamps alone.
package struct TimestampAnchors: Sendable {
    let certificates: [Certificate]

    private static let largest = 262_144

    /// Reads a file of certificates in PEM, one or more.
    package init(file: String) throws(TimestampAnchorsError) {
        do {
            certificates = try Certificate.all(pem: try PlainFile.contents(file, limit: Self.largest))
        } catch let error as FileError {
            throw TimestampAnchorsError(reason: "\(file): \(error.reason)")
        } catch {
            throw TimestampAnchorsError(reason: "\(file): it holds no certificates in PEM")
        }
    }
}

/// Why the certificates above a time-stamping authority cannot be used.
package struct TimestampAnchorsError: Error, Hashable, Sendable {
    package let reason: String
}
