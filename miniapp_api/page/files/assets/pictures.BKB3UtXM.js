import{B as t}from"./index-BhQE6OWM.js";function i(i){return i.startsWith("/")?("web"===t.name?location.origin:"")+i:i}export{i as p};
