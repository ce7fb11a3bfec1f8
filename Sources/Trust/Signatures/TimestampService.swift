internal import OpenSSL
package import Primitives

/// Carries questions to a time-stamping authority (RFC 3161 §3.4). An adapter implements it.
package protocol TimestampTransport: Sendable {
    /// - Parameters:
    ///   - question: in DER.
    ///   - largest: most bytes of an answer.
    /// - Returns: what the authority answered, not yet looked at.
    func stamp(_ question: [UInt8], at address: WebAddress, largest: Int) async throws(FetchFailure) -> [UInt8]
}

/// Has signatures stamped by the authority that the configuration names (RFC 3161).
package struct TimestampService: Sendable {
    package let address: WebAddress
    private let anchors: TimestampAnchors?
    private let budget: Duration
    private let transport: any TimestampTransport
    private let time: any TimeSource
    private let random: any RandomSource
    private let floor: ClockFloor?

    private static let largestAnswer = 65_536

    /// - Parameters:
    ///   - anchors: above the authority; `nil` leaves its signature to whoever relies on the stamp.
    ///   - budget: time for all stamps of a batch together.
    ///   - floor: hears the time of each stamp whose authority is trusted.
    package init(
        address: WebAddress, anchors: TimestampAnchors?, budget: Duration, transport: any TimestampTransport, time: any TimeSource,
        random: any RandomSource, floor: ClockFloor? = nil
    ) {
        self.address = address
        self.anchors = anchors
        self.budget = budget
        self.transport = transport
        self.time = time
        self.random = random
        self.floor = floor
    }

    /// Asks for a stamp of each of these signatures, in order. What the authority does not give, or not in time, the others go without
    /// asking again.
    package func stamps(of signatures: [[UInt8]]) async -> [Result<SignatureStamp, TimestampFailure>] {
        let end = time.awake() + budget
        var stamps: [Result<SignatureStamp, TimestampFailure>] = []
        var failure: TimestampFailure?
        for signature in signatures {
            if let failure {
                stamps.append(.failure(failure))
                continue
            }
            do throws(TimestampFailure) {
                stamps.append(.success(try await stamp(signature, within: end - time.awake())))
            } catch {
                failure = error
                stamps.append(.failure(error))
            }
        }
        return stamps
    }

    private func stamp(_ signature: [UInt8], within limit: Duration) async throws(TimestampFailure) -> SignatureStamp {
        guard limit > .zero else { throw .notAnswered(.tooSlow) }
        let question: StampQuestion
        do throws(OpenSSLError) {
            let nonce = random.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            question = try StampQuestion(digest: try sha256(signature), nonce: nonce)
        } catch {
            throw .malformed
        }
        let answer: [UInt8]
        do throws(FetchFailure) {
            let (transport, der, address) = (transport, question.der, address)
            answer = try await inTime(limit) { () throws(FetchFailure) in
                try await transport.stamp(der, at: address, largest: Self.largestAnswer)
            }
        } catch {
            throw .notAnswered(error)
        }
        do throws(StampFailure) {
            let token = try question.read(answer, anchors: anchors?.certificates)
            if anchors != nil { floor?.raise(to: Timestamp(seconds: token.time)) }
            return SignatureStamp(token: token.der, time: Timestamp(seconds: token.time), isVerified: anchors != nil)
        } catch {
            throw TimestampFailure(error)
        }
    }
}

/// A stamp on a signature.
package struct SignatureStamp: Hashable, Sendable {
    /// TimeStampToken in DER.
    package let token: [UInt8]
    package let time: Timestamp
    /// Whether the authority's own signature was checked.
    package let isVerified: Bool
}

/// Why there is no stamp.
package enum TimestampFailure: Error, Hashable, Sendable {
    case notAnswered(FetchFailure)
    case malformed
    /// PKIStatus of RFC 3161 §2.4.2.
    case refused(Int)
    case anotherQuestion
    case badSignature

    init(_ failure: StampFailure) {
        self =
            switch failure {
            case .malformed: .malformed
            case .refused(let status): .refused(status)
            case .anotherQuestion: .anotherQuestion
            case .badSignature: .badSignature
            }
    }

    /// One sentence for people.
    package var text: Text {
        switch self {
        case .notAnswered(let failure): failure.text
        case .malformed: Text("la réponse est illisible", "the answer cannot be read")
        case .refused(let status): Text("l'autorité a refusé par le statut \(status)", "the authority refused with status \(status)")
        case .anotherQuestion: Text("la réponse est à une autre question", "the answer is to another question")
        case .badSignature:
            Text(
                "la réponse n'est pas signée par une autorité reconnue pour cela",
                "the answer is not signed by an authority that is trusted for it")
        }
    }

    /// The same in English, for logs and for what programs read.
    package var reason: String { text.english }
}
