import { shallowRef } from "vue";
import { platform, type PrivacyQuestion } from "@/platform";

/** The platform's question whether the member agrees to the privacy guideline; null while nothing is asked. */
export const question = shallowRef<PrivacyQuestion | null>(null);

platform.onPrivacyNeeded((asked) => {
  question.value?.refuse();
  question.value = asked;
});
