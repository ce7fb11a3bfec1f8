import APIContract
import Primitives

/// Authorities, revocation lists, and the certificate of the listener for phones.
struct TrustExamination {
    let status: JSON
    let time: any TimeSource

    func findings() -> [Finding] { [authorities(status.text("environment")), revocation(status["revocation"] ?? .null)] }

    private func authorities(_ environment: String) -> Finding {
        guard environment != "production" else { return Finding("trust", DoctorSentence.production) }
        return Finding("trust", DoctorSentence.test, why: DoctorSentence.testWhy, remedy: DoctorSentence.testRemedy)
    }

    private func revocation(_ revocation: JSON) -> Finding {
        let age = revocation["as_of"]?.string.flatMap { Timestamp($0) }.map { (time.now().milliseconds - $0.milliseconds) / 86_400_000 }
        guard revocation["status"]?.string != "good" else {
            return Finding("revocation", DoctorSentence.revocationChecked(age.map { max($0, 0) }))
        }
        let why = age.map { DoctorSentence.listsOld(max($0, 0)) } ?? DoctorSentence.listsMissing
        return Finding(
            "revocation", DoctorSentence.revocationUnchecked, why: why, remedy: DoctorSentence.revocationRemedy,
            repair: .lists)
    }

    /// The TLS certificate that phones and servers see; nothing where there is no listener.
    func listener() -> [Finding] {
        let certificate = status["mobile"]?["certificate"] ?? .null
        guard let end = certificate["not_after"]?.string.flatMap({ Timestamp($0) }) else { return [] }
        if let problem = certificate["problem"]?.string {
            return [found(DoctorSentence.listenerUnreadable(problem), DoctorSentence.listenerUnreadableWhy)]
        }
        if time.now() >= end { return [found(DoctorSentence.listenerExpired(end.description), DoctorSentence.listenerExpiredWhy)] }
        guard time.now().advanced(bySeconds: CardExamination.notice * 86_400) > end else {
            return [Finding("listener", DoctorSentence.listenerGood(end.description))]
        }
        return [found(DoctorSentence.listenerExpires(end.description), DoctorSentence.listenerExpiresWhy)]
    }

    private func found(_ text: Text, _ why: Text) -> Finding {
        Finding("listener", text, why: why, remedy: DoctorSentence.listenerRemedy)
    }
}
