internal import OpenSSL
package import Primitives

/// The certificates above a time-stamping authority. They are trusted for stamps alone.
package struct TimestampAnchors: Sendable {
    let certificates: [Certificate]

    private static let largest = 262_144

    /// Reads a file of certificates in PEM, one or more.
    package init(file: String) throws(TimestampAnchorsError) {
        do {
            certificates = try Certificate.all(pem: try PlainFile.contents(file, limit: Self.largest))
        } catch let error as FileError {
            throw TimestampAnchorsError(text: error.text.of(file))
        } catch {
            throw TimestampAnchorsError(
                text: Text("\(file) : il ne contient pas de certificat en PEM", "\(file): it holds no certificates in PEM"))
        }
    }
}

extension TimestampAnchors {
    /// The time that a stored answer of an authority below these certifies for `content`.
    ///
    /// - Parameter response: TimeStampResp in DER, with the authority's certificate.
    package func time(in response: [UInt8], of content: [UInt8]) throws(TimestampFailure) -> Timestamp {
        let question: StampQuestion
        do throws(OpenSSLError) {
            question = try StampQuestion(digest: try sha256(content), nonce: nil)
        } catch {
            throw .malformed
        }
        do throws(StampFailure) {
            return Timestamp(seconds: try question.read(response, anchors: certificates).time)
        } catch {
            throw TimestampFailure(error)
        }
    }
}

/// Why the certificates above a time-stamping authority cannot be used.
package struct TimestampAnchorsError: Error, Hashable, Sendable {
    package let text: Text

    /// In English, for logs.
    package var reason: String { text.english }
}
