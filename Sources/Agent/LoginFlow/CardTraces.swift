internal import Audit
internal import CardDrivers
internal import PKI
internal import Primitives
internal import Sessions
internal import SmartCard

extension CardBoard {
    /// What is traced of a card that was read, or could not be; `nil` where the trouble was on the way to it.
    func trace(_ reading: ReaderView.Reading, _ insertion: Insertion) -> TraceDraft? {
        switch reading {
        case .underway: return nil
        case .failed(.cardMute), .failed(.deadlineExceeded): return muteTrace(insertion.reader, insertion.id)
        case .failed(let error):
            guard !error.isPassing else { return nil }
            var draft = draft(.cardForeign, .info, insertion.reader, insertion.id)
            draft.code = error.refusal.code.rawValue
            return draft
        case .contactless(let reading): return trace(reading.identity, reading.refusal?.code, insertion)
        case .done(let reading):
            do throws(CertificateRefusal) {
                _ = try trust.check(reading.content.authenticationCertificate, at: time.now())
            } catch {
                return trace(reading.content.identity, error.refusal.code, insertion)
            }
            return trace(reading.content.identity, nil, insertion)
        }
    }

    func muteTrace(_ reader: String, _ insertion: String?) -> TraceDraft { draft(.cardMute, .info, reader, insertion) }

    private func trace(_ identity: CardIdentity, _ code: ErrorCode?, _ insertion: Insertion) -> TraceDraft {
        var draft = draft(code == nil ? .cardRead : .cardRefused, code == nil ? .granted : .refused, insertion.reader, insertion.id)
        draft.code = code?.rawValue
        draft.card = ["generation": .string(identity.generation.rawValue), "serial": .string(identity.serial.digits)]
        return draft
    }

    private func draft(_ event: TraceEvent, _ outcome: TraceOutcome, _ reader: String, _ insertion: String?) -> TraceDraft {
        var draft = TraceDraft(event, outcome, at: time.now())
        draft.reader = .members(["name": .string(reader), "insertion": insertion.map(JSON.string)])
        return draft
    }
}
