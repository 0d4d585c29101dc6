//! What is looked for: words of one meaning that stand together. A word that ends in `*` begins so. All are folded: without
//! accents, and `oe` as `o`.

use super::matching::is_like;

/// Words that belong together stand no farther apart.
const WINDOW: usize = 6;
/// Words of another meaning stand this near.
const NEAR: usize = 2;
/// Between these, words do not belong together.
const JOINTS: [&str; 6] = ["and", "und", "et", "but", "aber", "mais"];

/// A meaning and the words that carry it: one of each group, near each other, and none of `unless` beside them.
pub(super) struct Pattern {
    pub meaning: &'static str,
    pub groups: &'static [&'static [&'static str]],
    pub unless: &'static [&'static str],
}

/// The words of a clause that carry a meaning, from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub first: usize,
    pub last: usize,
}

impl Pattern {
    /// Everywhere in a clause where the meaning stands.
    pub(super) fn spans(&self, words: &[String]) -> Vec<Span> {
        let Some((lead, others)) = self.groups.split_first() else { return Vec::new() };
        let leads = (0..words.len()).filter(|at| is_one_of(words, *at, lead));
        leads.filter_map(|at| self.around(words, at, others)).filter(|span| !self.means_else(words, *span)).collect()
    }

    fn around(&self, words: &[String], lead: usize, others: &[&[&str]]) -> Option<Span> {
        let mut taken = vec![lead];
        for group in others {
            let near = lead.saturating_sub(WINDOW)..words.len().min(lead + WINDOW + 1);
            let fits = |at: &usize| !taken.contains(at) && is_one_of(words, *at, group) && is_joined(words, lead, *at);
            taken.push(near.filter(fits).min_by_key(|at| at.abs_diff(lead))?);
        }
        Some(Span { first: *taken.iter().min()?, last: *taken.iter().max()? })
    }

    fn means_else(&self, words: &[String], span: Span) -> bool {
        let near = span.first.saturating_sub(NEAR)..words.len().min(span.last + NEAR + 1);
        near.into_iter().any(|at| is_exactly(words, at, self.unless))
    }
}

/// Whether nothing new begins between two words. Pain "in the arm and chest" is pain in both.
fn is_joined(words: &[String], lead: usize, other: usize) -> bool {
    let (first, last) = (lead.min(other), lead.max(other));
    let between = words.get(first + 1..last).unwrap_or_default();
    let places = between.first().is_some_and(|word| matches!(word.as_str(), "in" | "im" | "dans" | "au"));
    places || !between.iter().any(|word| JOINTS.contains(&word.as_str()))
}

fn is_one_of(words: &[String], at: usize, group: &[&str]) -> bool {
    words.get(at).is_some_and(|word| group.iter().any(|wanted| is_like(word, wanted)))
}

fn is_exactly(words: &[String], at: usize, group: &[&str]) -> bool {
    let fits =
        |word: &str, wanted: &str| wanted.strip_suffix('*').map_or(word == wanted, |stem| word.starts_with(stem));
    words.get(at).is_some_and(|word| group.iter().any(|wanted| fits(word, wanted)))
}

const CHEST: &[&str] =
    &["chest", "brust", "brustkorb", "brustbein", "poitrine", "thorax", "thorac*", "breastbone", "sternum"];
const HURT: &[&str] = &[
    "pain*",
    "hurt*",
    "ache*",
    "aching",
    "tight*",
    "pressure",
    "squz*",
    "crush*",
    "stabb*",
    "burning",
    "discomfort",
    "cramp*",
    "heaviness",
    "elephant",
    "schmerz*",
    "enge",
    "engegefuhl",
    "druck",
    "druckgefuhl",
    "stechen",
    "sticht",
    "stiche",
    "brennen",
    "brennt",
    "beklemm*",
    "weh",
    "krampf*",
    "douleur*",
    "feeling",
    "sensation*",
    "weird",
    "gefuhl",
    "zieh*",
    "zieht",
    "druckt",
    "klemm*",
    "sting*",
    "stabs",
    "sore",
    "knot",
    "weight",
    "heavy",
    "bande",
    "oppress*",
    "ecras*",
    "squash*",
    "qutsch*",
    "zerqutsch*",
    "serre*",
    "comprim*",
    "pression",
    "brulure*",
    "gene",
    "pincement*",
];
const TRAINED: &[&str] = &[
    "day*",
    "workout*",
    "press",
    "pressing",
    "fly",
    "flies",
    "muscle*",
    "pec",
    "pecs",
    "strap",
    "shirt",
    "dips",
    "muskel*",
    "muskulatur",
    "tag",
    "muskelkater",
    "pectora*",
    "bench",
    "lift*",
    "dumbbell*",
    "barbell*",
    "bigger",
    "mehr",
    "day",
    "session*",
    "pushups",
    "dehn*",
    "stretch*",
    "kabel*",
    "cable*",
    "ubung*",
];
const HEART: &[&str] = &["heart", "hart", "hart", "cardiac", "kardial*", "herz", "cour", "cardiaqu*"];
const ILL: &[&str] = &[
    "condition*",
    "disease*",
    "problem*",
    "attack*",
    "failure",
    "murmur",
    "arrhythm*",
    "defect*",
    "surgery",
    "valve",
    "flutter*",
    "trouble*",
    "issu*",
    "weak*",
    "patient",
    "transplant*",
    "operation",
    "disorder*",
    "racing",
    "races",
    "skip*",
    "stops",
    "stolper*",
    "rast",
    "sticht",
    "schmerz*",
    "pain*",
    "hurt*",
    "hurts",
    "flutters",
    "flattert",
    "jumps",
    "pounds",
    "pounding",
    "leaky",
    "douleur*",
    "schwach*",
    "krank*",
    "fehler",
    "klappe*",
    "operiert",
    "maladie*",
    "crise*",
    "insuffisance",
    "arret",
    "souffle",
    "fragile",
    "malade",
    "palpit*",
    "ennui*",
    "souci*",
    "stumbl*",
    "irregular*",
    "enlarged",
    "arythm*",
    "beschwerden",
    "probleme",
    "greffe",
    "emballe",
    "anfall",
    "attaqu*",
    "infarct*",
    "pathologie*",
    "aussetzer",
];
const BONE: &[&str] = &[
    "bein",
    "arm",
    "fuss",
    "hand",
    "knochen",
    "rippe*",
    "finger",
    "schlusselbein",
    "wirbel",
    "knochel",
    "handgelenk",
    "zeh",
    "schulter",
    "nase",
    "elle",
    "speiche",
    "schienbein",
    "wadenbein",
    "arm",
    "leg",
    "foot",
    "ankle",
    "wrist",
    "collarbone",
    "rib",
    "ribs",
    "to",
    "hip",
    "bone",
    "bones",
    "vertebra*",
    "bras",
    "jambe",
    "pied",
    "cheville",
    "poignet",
    "clavicule",
    "cote",
    "cotes",
    "tibia",
    "doigt",
    "os",
    "hanche",
    "vertebre*",
    "back",
    "neck",
];

/// Illness, pain and what was done about it. Signs in the body and births have files of their own.
#[rustfmt::skip]
pub(super) const PATTERNS: &[Pattern] = &[
    Pattern { meaning: "chest pain", groups: &[CHEST, HURT], unless: TRAINED },
    Pattern { meaning: "chest pain", groups: &[&["poitrine", "cour", "thorax"], &["mal"]], unless: &[] },
    Pattern { meaning: "chest pain", groups: &[&["brustschmerz*", "brustenge", "brustdruck", "brustkorbschmerz*", "brustweh"]], unless: TRAINED },
    Pattern { meaning: "chest pain", groups: &[&["angine"], &["poitrine"]], unless: &[] },
    Pattern { meaning: "a heart condition", groups: &[HEART, ILL], unless: &["rate", "zone", "zones", "frequnce", "team"] },
    Pattern { meaning: "a heart condition", groups: &[&["heartbeat", "pulse", "puls", "pouls", "herzschlag"], &["irregular*", "uneven", "skip*", "unregelmassig*", "stolper*", "setzt", "irregul*", "aussetzer", "saute*", "jump*", "misses", "missed", "pausi*"]], unless: &[] },
    Pattern { meaning: "a heart condition", groups: &[&["rythme"], &["cardiaqu", "cour"], &["trouble*", "irregul*"]], unless: &[] },
    Pattern { meaning: "a heart condition", groups: &[&["herzinfarkt*", "herzkrank*", "herzprobl*", "herzfehler*", "herzrhythm*", "herzrhytm*", "herzrythm*", "herzschwach*", "herzschritt*", "herzstolpern", "herzklappe*", "herzrasen", "herzmuskelentz*", "herzop", "herzoperation", "herzanfall", "herzattacke", "herzleiden", "herzinsuff*", "herzbeschwerden", "herzstillstand", "vorhofflimmern"]], unless: &[] },
    Pattern { meaning: "a heart condition", groups: &[&["pacemaker*", "defibrillator", "myocarditis", "arrhythmia*", "cardiomyopath*", "angioplast*", "palpitation*", "infarctus", "infarkt", "infarct*", "tachycard*", "tachykard*", "arythmie*", "fibrillation", "afib", "myokarditis", "endocarditis", "angina", "cardiopath*", "heartattack"]], unless: &[] },
    Pattern { meaning: "a heart condition", groups: &[&["stent", "stents", "bypass"]], unless: &["road", "route"] },
    Pattern { meaning: "a heart condition", groups: &[&["herz", "kreislauf", "herzkreislauf"], &["erkrank*", "problem*", "beschwerden", "storung*", "zusammenbruch", "kollaps"]], unless: &[] },
    Pattern { meaning: "high blood pressure", groups: &[&["blood"], &["pressure", "presure"], &["high", "hi", "elevated", "raised", "problem*", "pills", "tablets", "meds", "medication", "lower", "issus"]], unless: &[] },
    Pattern { meaning: "high blood pressure", groups: &[&["bp"], &["high", "elevated", "raised", "meds", "tablets", "pills", "medication"]], unless: &[] },
    Pattern { meaning: "high blood pressure", groups: &[&["hypertension", "hypertensive", "hypertonie", "bluthochdruck", "hochdruck", "hypertendu", "hypertendu"]], unless: &["reiniger"] },
    Pattern { meaning: "high blood pressure", groups: &[&["blutdruck"], &["hoh*", "hoch", "erhoht*", "zu", "problem*", "tabletten", "mittel"]], unless: &[] },
    Pattern { meaning: "high blood pressure", groups: &[&["tension"], &["arterielle", "elevee", "haute", "medicament*", "cachet*"]], unless: &["temps"] },
    Pattern { meaning: "high blood pressure", groups: &[&["ai", "fais", "fait"], &["de"], &["tension"]], unless: &["temps", "sous", "muscul*"] },
    Pattern { meaning: "fainting", groups: &[&["fainted", "fainting", "faints", "ohnmacht*", "ohnmachtig*", "bewusstlos*", "unconscious*", "evanoui*", "evanouissement*", "syncop*", "synkop*", "blackout*", "blackouts"]], unless: &["goat*", "couch"] },
    Pattern { meaning: "fainting", groups: &[&["faint"]], unless: &["hearted", "line", "lines", "hope", "heart", "of"] },
    Pattern { meaning: "fainting", groups: &[&["pass", "passed", "passes", "passing", "black", "blacked", "blacking"], &["out"]], unless: &["calendar", "everyone", "paint", "flyers", "windows", "window"] },
    Pattern { meaning: "fainting", groups: &[&["collapsed", "umgekippt", "umgefallen", "zusammengeklappt", "zusammengebrochen", "kollabiert"]], unless: &["tent", "tower"] },
    Pattern { meaning: "fainting", groups: &[&["lost", "lose", "losing", "loss", "perte*", "perdu*", "perds", "verlor*", "verlier*", "verlust"], &["consciousness", "connaissance", "conscience", "bewusstsein"]], unless: &[] },
    Pattern { meaning: "fainting", groups: &[&["bewusstseinsverlust", "kreislaufkollaps", "kreislaufzusammenbruch"]], unless: &[] },
    Pattern { meaning: "fainting", groups: &[&["schwarz", "grau", "dunkel", "flimmern", "flimmert"], &["augen"]], unless: &[] },
    Pattern { meaning: "fainting", groups: &[&["vision", "sight", "eyes"], &["black", "dark", "tunnel", "blurry", "blurred", "fades", "spots", "narrows"]], unless: &[] },
    Pattern { meaning: "fainting", groups: &[&["see", "seeing", "saw", "sehe"], &["stars", "sterne", "sternchen"]], unless: &[] },
    Pattern { meaning: "fainting", groups: &[&["voile", "vois", "vu", "voir"], &["noir", "etoiles", "noirs"]], unless: &[] },
    Pattern { meaning: "fainting", groups: &[&["tourner", "tourne", "tournais"], &["oil"]], unless: &[] },
    Pattern { meaning: "fainting", groups: &[&["kreislauf"], &["zusammen", "weg", "versag*", "sackt", "schwach*", "schlapp"]], unless: &[] },
    Pattern { meaning: "fainting", groups: &[&["weggetreten", "weggekippt", "zusammengesackt", "keeled", "knocked"]], unless: &["rival*", "opponent*"] },
    Pattern { meaning: "fainting", groups: &[&["tombe*", "tomber"], &["pommes"]], unless: &[] },
    Pattern { meaning: "fainting", groups: &[&["malaise*"], &["vagal*", "fait", "fais", "eu", "effort", "apres", "pendant", "ai", "salle"]], unless: &[] },
    Pattern { meaning: "dizziness", groups: &[&["dizzy", "dizzie", "dizziness", "dizzyness", "dizzines", "lightheaded*", "lightheadedness", "vertigo", "woozy", "giddy", "benommen*", "taumel*", "schummrig", "duselig", "tournis", "schwindlig", "schwindelig", "schwummrig", "schwindelgefuhl*", "schwindelanf*", "vertige", "vertiges", "etourdi*", "drehschwindel"]], unless: &[] },
    Pattern { meaning: "dizziness", groups: &[&["schwindel"]], unless: &["freiheit"] },
    Pattern { meaning: "dizziness", groups: &[&["light"], &["headed", "head"]], unless: &[] },
    Pattern { meaning: "dizziness", groups: &[&["room", "head"], &["spins", "spinning"]], unless: &["class", "bike"] },
    Pattern { meaning: "dizziness", groups: &[&["tete"], &["tourne", "tournait", "tournent"]], unless: &[] },
    Pattern { meaning: "dizziness", groups: &[&["dreht"], &["alles", "kopf"], &["mir", "sich"]], unless: &[] },
    Pattern { meaning: "seizures", groups: &[&["seizure", "seizures", "epilep*", "krampfanfall*", "krampfanfalle", "convulsion*", "siezure", "siezures"]], unless: &[] },
    Pattern { meaning: "a stroke", groups: &[&["stroke"], &["had", "suffered", "survived", "mini", "survivor", "mild", "ischemic", "brain"]], unless: &["swim*", "freestyle", "rate", "better", "techniqu", "rowing", "tennis", "golf", "lesson*", "coach"] },
    Pattern { meaning: "a stroke", groups: &[&["stroke"], &["after", "since", "from", "recover*", "rehab", "left", "paralys*"]], unless: &["swim*", "freestyle", "rate", "better", "techniqu", "rowing", "tennis", "golf", "each", "every", "catch", "glide", "crawl", "butterfly", "power", "lesson*"] },
    Pattern { meaning: "a stroke", groups: &[&["schlaganfall*", "hirnschlag", "avc", "tia", "hirnblutung", "aneurysm*", "anevrisme"]], unless: &[] },
    Pattern { meaning: "a blood clot", groups: &[&["clot", "clots", "caillot*", "blutgerinnsel", "gerinnsel", "embolus"]], unless: &["cream"] },
    Pattern { meaning: "a blood clot", groups: &[&["thrombos*", "trombos*", "dvt", "embolism*", "embolie*", "lungenembolie", "phlebit*", "thrombophleb*"]], unless: &[] },
    Pattern { meaning: "a fracture", groups: &[&["fracture*", "fractured", "knochenbruch*", "ermudungsbruch*", "wirbelbruch*", "rippenbruch*", "beinbruch", "armbruch", "frakt*", "oberschenkelhalsbruch", "handgelenkbruch"]], unless: &[] },
    Pattern { meaning: "a fracture", groups: &[&["broke", "broken", "gebrochen", "gebrochene*", "bruch", "casse*", "cassee"], BONE], unless: &["record", "records", "rekord*", "pb", "bestzeit", "code", "hearts", "vertrag", "plateau"] },
    Pattern { meaning: "an operation", groups: &[&["surgery", "surgeries", "surgical", "operiert*", "chirurgie", "chirurgical*", "opere*", "operee", "arthroscop*", "arthroskop*"]], unless: &["tree", "tierarzt", "opera"] },
    Pattern { meaning: "an operation", groups: &[&["operation", "operations"], &["had", "after", "since", "my", "knee", "shoulder", "hip", "back", "nach", "seit", "hatte", "am", "apres", "depuis", "une", "genou", "dos", "hanche", "epaule", "der", "meiner"]], unless: &["business", "manager", "machine", "math"] },
    Pattern { meaning: "an operation", groups: &[&["op"], &["nach", "seit", "knie", "schulter", "huft", "hufte", "meiner", "rucken", "der", "bandscheiben*", "kreuzband", "hatte", "leisten", "meniskus"]], unless: &[] },
    Pattern { meaning: "an operation", groups: &[&["knieop", "schulterop", "huftop", "kreuzbandop", "bandscheibenop", "operated", "prothese", "kunstgelenk"]], unless: &["bike"] },
    Pattern { meaning: "an operation", groups: &[&["replaced", "replacement", "reconstruction", "reconstructed", "ersetzt", "ersatz", "remplace*"], &["hip", "hips", "knee", "knees", "shoulder", "joint", "disc", "acl", "ligament*", "huft*", "knie", "gelenk*", "kreuzband", "hanche", "genou", "epaule"]], unless: &[] },
    Pattern { meaning: "numbness", groups: &[&["numb", "numbness", "taubheit*", "engourdi*", "pins"]], unless: &["mind", "comfortably", "code", "career"] },
    Pattern { meaning: "numbness", groups: &[&["taub", "taube", "tauber", "tauben", "kribbeln", "kribbelt", "tingling", "tingle*", "fourmill*", "fourmis"], &["arm", "arms", "hand", "hande", "hands", "finger", "fingers", "leg", "legs", "bein", "beine", "fuss", "fusse", "face", "feet", "foot", "gesicht", "bras", "main", "mains", "jambe*", "doigt*", "pied*", "zehen", "tos"]], unless: &[] },
    Pattern { meaning: "breathlessness at rest", groups: &[&["breath", "breathless*", "breathe", "breathing", "luft", "atemnot", "luftnot", "kurzatmig*", "essouffle*", "souffle", "respir*"], &["rest", "resting", "lying", "lie", "night", "ruhe", "liegen", "nachts", "repos", "allonge*", "nuit", "sitting", "sitzen"]], unless: &["nose", "nasal", "yoga", "exercises", "exercise", "nase", "atemubung*"] },
    Pattern { meaning: "diabetes", groups: &[&["diabet*", "insulin", "insuline"]], unless: &["coach", "nurse"] },
    Pattern { meaning: "medication for the heart or the blood", groups: &[&["blutverdunner", "gerinnungshemmer", "betablocker*", "anticoagula*", "antikoagul*", "warfarin", "marcumar", "betabloquant*", "blutdrucktabletten", "blutdrucksenker", "blutdruckmittel", "xarelto", "eliquis"]], unless: &[] },
    Pattern { meaning: "medication for the heart or the blood", groups: &[&["beta", "blood", "betas"], &["blocker*", "thinner*", "bloquant*"]], unless: &[] },
    Pattern { meaning: "asthma", groups: &[&["asthma*", "asthme*", "asmatiqu", "asthmatiqu*"]], unless: &[] },
    Pattern { meaning: "cancer", groups: &[&["cancer", "chemo", "chimio*", "chemotherap*", "chimiotherap*", "tumor*", "tumour*", "tumeur*", "krebserkrankung", "brustkrebs", "darmkrebs", "prostatakrebs", "hautkrebs", "lungenkrebs", "leukam*", "leukem*", "leucem*"]], unless: &["research", "run", "walk", "fundraiser", "awareness", "charity", "foundation", "nurse"] },
    Pattern { meaning: "a torn ligament", groups: &[&["torn", "tore", "ruptured", "rupture", "riss", "gerissen", "angerissen", "dechir*", "rompu*"], &["acl", "mcl", "ligament*", "meniscus", "menisqu", "meniskus", "achilles", "cuff", "tendon*", "sehne*", "kreuzband", "band", "bander", "croise*", "labrum", "hamstring", "calf", "muskel*", "muscle"]], unless: &[] },
    Pattern { meaning: "a torn ligament", groups: &[&["kreuzbandriss*", "banderriss*", "meniskusriss*", "sehnenriss*", "achillessehnenriss*", "muskelfaserriss*"]], unless: &[] },
    Pattern { meaning: "brittle bones", groups: &[&["osteoporo*", "osteopenia"]], unless: &[] },
    Pattern { meaning: "a chronic illness", groups: &[&["copd", "parkinson*", "lupus", "niereninsuffizienz", "nierenkrank*", "dialyse", "dialysis", "leberzirrhose", "bpco"]], unless: &[] },
    Pattern { meaning: "a chronic illness", groups: &[&["multiple", "sclerose"], &["sclerosis", "sklerose", "plaqus"]], unless: &[] },
    Pattern { meaning: "a chronic illness", groups: &[&["kidney", "lung", "liver", "renale", "pulmonaire"], &["disease", "failure", "transplant", "condition", "insuffisance", "maladie"]], unless: &[] },
    Pattern { meaning: "a doctor's advice against training", groups: &[&["doctor", "doc", "physio", "cardiologist", "gp", "arzt", "arztin", "hausarzt", "kardiologe", "medecin", "docteur", "cardiologu", "kine"], &["forbid*", "forbade", "forbidden", "banned", "warned", "verboten", "verbietet", "abgeraten", "interdit", "deconseill*", "supervision", "supervised", "aufsicht", "surveillance"]], unless: &[] },
    Pattern { meaning: "pregnancy", groups: &[&["pregnant", "pregnancy", "schwanger", "schwangerschaft", "enceinte", "grossesse", "trimester"]], unless: &[] },
    Pattern { meaning: "a recent birth", groups: &[&["postpartum", "postnatal", "kaiserschnitt", "cesarienne", "entbunden", "entbindung", "accouche*", "accouchement", "wochenbett", "casarean", "cesarean"]], unless: &[] },
    Pattern { meaning: "a recent birth", groups: &[&["birth", "geburt", "naissance"], &["gave", "given", "giving", "after", "since", "weeks", "nach", "seit", "wochen", "depuis", "apres", "semaines"]], unless: &["date"] },
    Pattern { meaning: "a slipped disc", groups: &[&["bandscheibenvorfall*", "bandscheibenschaden", "hernie", "herniated", "sciatica"]], unless: &[] },
    Pattern { meaning: "a slipped disc", groups: &[&["slipped", "bulging", "prolapsed", "herniated"], &["disc", "disk", "discs", "disks"]], unless: &[] },
];

#[cfg(test)]
mod tests {
    use super::super::clauses::fold;
    use super::super::patterns;

    #[test]
    fn every_word_is_spelt_as_texts_are_folded() {
        for word in patterns().flat_map(|pattern| pattern.groups.iter().copied().chain([pattern.unless])).flatten() {
            assert_eq!(fold(word), *word);
            assert!(
                word.chars().all(|c| c.is_ascii_lowercase() || c == '*'),
                "{word} has an accent, a capital or a space"
            );
        }
    }
}
