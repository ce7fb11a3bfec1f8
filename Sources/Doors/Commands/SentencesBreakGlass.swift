import APIContract
import AgentClient
import Primitives

/// What people read about emergencies.
enum EmergencySentence {
    static let none = Text("Aucun accès en urgence", "No emergency")
    static let columns = [
        Text("Identifiant", "Id"), Text("Déclaré (UTC)", "Declared (UTC)"), Text("Personne", "Person"), Text("Motif", "Reason"),
        Text("Patient", "Patient"), Text("État", "State"),
    ]

    static func more(_ id: String) -> Text { Text("La liste continue : ajouter --after \(id)", "There are more: add --after \(id)") }

    static func reviewed(_ id: String) -> Text { Text("Revu : \(id)", "Reviewed: \(id)") }

    static func written(_ path: String) -> Text { Text("Rapport écrit dans \(path)", "Report written to \(path)") }

    static func state(_ emergency: JSON) -> Text {
        if let review = emergency["review"], review != .null {
            return review["outcome"]?.string == "accepted"
                ? Text("revu, accepté", "reviewed, accepted") : Text("revu, mis en question", "reviewed, questioned")
        }
        if emergency["overdue"]?.bool == true { return Text("revue en retard", "review overdue") }
        return emergency["ended_at"]?.string == nil ? Text("en cours", "goes on") : Text("à revoir", "to be reviewed")
    }

    /// A reference of the records software, or that nobody knows them.
    static func patient(_ reference: String) -> Text { reference == "unknown" ? Text("inconnu", "unknown") : Text(reference) }

    /// What was declared, by whom, how it ended, who reviewed it.
    static func rows(_ emergency: JSON, _ language: Language) -> [[String]] {
        let person = emergency["person"].map { "\($0.text("name")) (\($0.text("national_id")))" } ?? "-"
        let isDeclared = emergency["kind"]?.string == "break_glass"
        var rows: [(Text, String)] = [
            (
                isDeclared ? Text("Bris de glace", "Break-glass") : Text("Session sans carte", "Session without the card"),
                emergency.text("id")
            ),
            (Text("État", "State"), state(emergency).in(language)), (Text("Personne", "Person"), person),
            (Text("Session", "Session"), "\(emergency.text("session")) (\(emergency.words("mode", language, SessionSentence.mode)))"),
            (Text("Logiciel", "Program"), emergency.text("client")),
            (Text("Motif", "Reason"), emergency.words("reason", language, ReasonSentence.any)),
            (Text("Patient", "Patient"), emergency.words("patient", language, patient)),
            (Text("Précisions", "Note"), emergency.text("note")),
            (Text("Déclaré", "Declared"), emergency.text("declared_at")), (Text("Fin prévue", "Expires"), emergency.text("expires_at")),
        ]
        if emergency["ended_at"]?.string != nil {
            rows.append(
                (
                    Text("Terminé", "Ended"),
                    "\(emergency.text("ended_at")) (\(emergency.words("end_reason", language, SessionSentence.end)))"
                ))
        }
        let makers = (emergency["makers"]?.array ?? []).compactMap(\.string)
        if !makers.isEmpty { rows.append((Text("Accès rendu possible par", "Way in made by"), makers.joined(separator: ", "))) }
        if let scopes = emergency["scopes"]?.array?.compactMap(\.string) {
            rows.append((Text("Droits", "Scopes"), scopes.joined(separator: " ")))
        }
        rows.append((Text("À revoir avant", "Review due"), emergency.text("review_due_at")))
        if let review = emergency["review"], review != .null {
            let by = review["by"].map { "\($0.text("name")) (\($0.text("national_id")))" } ?? "-"
            rows.append((Text("Revu", "Reviewed"), "\(review.text("at")), \(by)"))
            rows.append((Text("Constat", "Finding"), review.text("comment")))
            if review["self"]?.bool == true {
                rows.append(
                    (Text("Attention", "Note well"), Text("revu par la personne elle-même", "reviewed by the person themself").in(language))
                )
            }
        }
        if emergency["reciprocal"]?.bool == true {
            rows.append(
                (
                    Text("Attention", "Note well"),
                    Text("les deux personnes revoient chacune les accès de l'autre", "the two persons review each other's emergencies").in(
                        language)
                ))
        }
        return rows.map { [$0.0.in(language), $0.1] }
    }

    /// The report as it is printed.
    static func report(_ report: JSON, isSelfAsserted: Bool, _ language: Language) -> [String] {
        let traces = report["traces"]?.array ?? []
        var lines = [Text("RAPPORT D'ACCÈS EN URGENCE", "REPORT OF AN EMERGENCY ACCESS").in(language), ""]
        lines += Table.lines(rows(report["emergency"] ?? [:], language))
        lines += ["", Text("Traces : \(traces.count)", "Traces: \(traces.count)").in(language), ""]
        for trace in traces {
            let body = trace["trace"]?.string.flatMap { JSON(parsing: Array($0.utf8)) } ?? [:]
            let reason = body["reason"]?.string.map { ReasonSentence.any($0).in(language) }
            let detail = body["detail"] ?? [:]
            let facts = [body["code"]?.string, reason, detail["jti"]?.string, detail["audience"]?.string].compactMap(\.self)
            lines.append(
                ([
                    "\(trace.text("seq"))", body.text("time"), body.text("event"), body.words("outcome", language, Sentence.outcome),
                    body["actor"]?.text("name") ?? "-",
                ]
                    + facts)
                    .joined(separator: "  "))
            lines += (trace["hashes"]?.array ?? []).compactMap(\.string).map { "    \($0)" }
        }
        if report["complete"]?.bool != true {
            lines += [
                "", Text("Il y a d'autres traces : voir cpsctl audit list.", "There are more traces: see cpsctl audit list.").in(language),
            ]
        }
        lines += [
            "",
            Text(
                "Chaque trace est suivie des empreintes qui la relient à cette tête signée (RFC 9162), vérifiées à l'impression :",
                "Each trace is followed by the hashes that join it to this signed checkpoint (RFC 9162), verified when this was printed:"
            ).in(language), "",
        ]
        lines += (report["checkpoint"]?.string ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines.append(Text("Clé : ", "Key: ").in(language) + report.text("key"))
        if isSelfAsserted { lines.append(Sentence.selfAsserted.in(language)) }
        return lines
    }
}

extension JSON {
    /// An emergency, one fact a line.
    func emergencyLines(_ language: Language) -> [String] { Table.lines(EmergencySentence.rows(self, language)) }
}
